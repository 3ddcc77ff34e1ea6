// The gallery's only script: frames as high as their mail, light and dark, one width or both, reload on save.
"use strict";

const every = (selector) => [...document.querySelectorAll(selector)];

// What was chosen stays chosen when the page reloads after a save.
const kept = {
  get: (name, otherwise) => sessionStorage.getItem(name) || otherwise,
  set: (name, value) => sessionStorage.setItem(name, value),
};

function fit(frame) {
  const inside = frame.contentDocument;
  if (inside && inside.documentElement) {
    frame.height = Math.max(200, inside.documentElement.scrollHeight + 2);
  }
}

function pressed(name, value) {
  every(`button[data-${name}]`).forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset[name] === value));
  });
}

function mode(value) {
  kept.set("mode", value);
  pressed("mode", value);
  every("iframe.mail").forEach((frame) => {
    const wanted = frame.getAttribute("src").replace(/mode=\w+/, `mode=${value}`);
    if (wanted !== frame.getAttribute("src")) {
      frame.setAttribute("src", wanted);
    }
  });
}

function width(value) {
  kept.set("vue", value);
  pressed("vue", value);
  every(".cadre").forEach((figure) => {
    figure.hidden = value !== "tout" && figure.dataset.largeur !== value;
  });
  every("iframe.mail").forEach(fit);
}

every("iframe.mail").forEach((frame) => {
  frame.addEventListener("load", () => fit(frame));
  fit(frame);
});
every("button[data-mode]").forEach((button) => button.addEventListener("click", () => mode(button.dataset.mode)));
every("button[data-vue]").forEach((button) => button.addEventListener("click", () => width(button.dataset.vue)));
mode(kept.get("mode", "clair"));
width(kept.get("vue", "tout"));

const place = `haut ${location.pathname}`;
const version = document.body.dataset.version;
window.scrollTo(0, Number(kept.get(place, "0")));
addEventListener("beforeunload", () => kept.set(place, String(window.scrollY)));

async function look() {
  try {
    const state = await (await fetch("/etat")).json();
    if (version && state.version !== version) {
      location.reload();
      return;
    }
  } catch {
    // The preview was stopped: the page stays as it is until it runs again.
  }
  setTimeout(look, 1000);
}
look();
