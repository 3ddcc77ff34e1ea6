"""Pictures of every kind of letter: `make screenshots`, or `python -m mailbot.demo.captures FOLDER [--config FOLDER]`.

Each kind on its invented samples, in headless Chromium, at the width of a phone and of a desk, light and dark, and once
as Outlook's Word engine gets it (its conditional parts opened, the others gone: what it makes of them is not shown).
Beside the pictures stand the pages, their text parts, the PDF of a bordereau, and an `index.html` that shows them all.
Needs the program `chromium`; fetches nothing.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from mailbot.configuration import folder
from mailbot.letters import pdf, samples
from mailbot.letters.lignes import House

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
#: Widths in CSS pixels: a phone, a reading pane. Narrower windows than 500 are not made, so pages stand in a frame.
WIDTHS = (375, 700)
_NARROWEST = 500
_OPTIONS = ("--headless", "--no-sandbox", "--hide-scrollbars", "--disable-gpu")
_ASKING = """<!doctype html><title></title>
<script>
onload = () => {
  const found = {};
  for (const frame of document.querySelectorAll("iframe"))
    found[frame.id] = frame.contentDocument.documentElement.scrollHeight;
  document.title = JSON.stringify(found);
};
</script>
"""
_FRAME = (
    '<!doctype html><body style="margin:0"><iframe src="{page}" '
    'style="border:0;display:block;width:{width}px;height:{height}px"></iframe>'
)
_INDEX = """<!doctype html>
<html lang="fr"><meta charset="utf-8"><title>Les messages de mailbot</title>
<style>
body {{ font-family: sans-serif; margin: 24px; }}
img {{ height: 420px; object-fit: cover; object-position: top; margin: 0 8px 8px 0; border: 1px solid #bbb; }}
</style>
<h1>Les messages de mailbot</h1>
<p><a href="bordereau.pdf">bordereau.pdf</a></p>
{}
</html>
"""
#: Browsers at work at one time.
_AT_ONCE = 3
_ONLY_WORD = re.compile(r"<!--\[if (?:mso|mso \| IE|gte mso \d+|lte mso \d+)\]>(.*?)<!\[endif\]-->", re.DOTALL)
_NOT_WORD = re.compile(r"<!--\[if !mso[^\]]*\]><!-->.*?<!--<!\[endif\]-->", re.DOTALL)


def pages(house: House) -> Iterator[tuple[str, str, str]]:
    """(name, HTML, text) of the first and the last sample of each kind."""
    for kind, contexts in samples.contexts(house).items():
        for number in sorted({1, len(contexts)}):
            context = contexts[number - 1]
            yield f"{kind}-{number}", house.templates.html(kind, context), house.templates.text(kind, context)


def as_word_reads(page: str) -> str:
    """The page with the parts for Outlook opened and those for the others taken out."""
    return _ONLY_WORD.sub(r"\1", _NOT_WORD.sub("", page))


def heights(program: str, folder_: Path, shown: Mapping[str, str], width: int) -> dict[str, int]:
    """How high each page (name -> HTML) is at this width, asked of the browser itself."""
    frames = "".join(
        f'<iframe id="{name}" style="width:{width}px;height:100px" srcdoc="{html.escape(page)}"></iframe>'
        for name, page in shown.items()
    )
    asking = folder_ / "heights.html"
    asking.write_text(_ASKING + frames, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - the program and every argument are ours
        [program, *_OPTIONS, "--dump-dom", asking.resolve().as_uri()], check=True, capture_output=True, text=True
    )
    asking.unlink()
    told = re.search(r"<title>(.+?)</title>", done.stdout)
    found: dict[str, int] = json.loads(html.unescape(told[1])) if told else {}
    return found


def shoot(program: str, target: Path, page: str, width: int, height: int, dark: bool) -> None:
    """One picture of the file `page` of the folder of `target`."""
    frame = target.with_suffix(".frame.html")
    frame.write_text(_FRAME.format(page=page, width=width, height=height), encoding="utf-8")
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    size = f"--window-size={max(width, _NARROWEST)},{height}"
    subprocess.run(  # noqa: S603 - the program and every argument are ours
        [program, *_OPTIONS, *scheme, size, f"--screenshot={target}", frame.resolve().as_uri()],
        check=True, capture_output=True,
    )  # fmt: skip
    frame.unlink()
    with Image.open(target) as picture:
        shown = picture.convert("RGB").crop((0, 0, width, height))
    shown.save(target)


def write(target: Path, house: House, program: str) -> list[str]:
    """Everything into the folder `target`; gives the names of the pages."""
    target.mkdir(parents=True, exist_ok=True)
    shown: dict[str, str] = {}
    for name, page, text in pages(house):
        shown[name] = page
        (target / f"{name}.html").write_text(page, encoding="utf-8")
        (target / f"{name}.txt").write_text(text, encoding="utf-8")
        (target / f"{name}-word.html").write_text(as_word_reads(page), encoding="utf-8")
    jobs: list[tuple[Path, str, int, int, bool]] = []
    for width in WIDTHS:
        for name, height in heights(program, target, shown, width).items():
            jobs.append((target / f"{name}-{width}.png", f"{name}.html", width, height, False))
            jobs.append((target / f"{name}-{width}-sombre.png", f"{name}.html", width, height, True))
            if width == max(WIDTHS):
                jobs.append((target / f"{name}-word.png", f"{name}-word.html", width, height, False))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda job: shoot(program, *job), jobs))
    (target / "bordereau.pdf").write_bytes(pdf.bordereau(samples.contexts(house)["bordereau"][0], samples.NOW))
    (target / "index.html").write_text(_index(list(shown)), encoding="utf-8")
    return list(shown)


def _index(names: Sequence[str]) -> str:
    shots = ("375", "375-sombre", "700", "700-sombre", "word")
    parts: list[str] = []
    for name in names:
        parts.append(f'<h2>{name} <small><a href="{name}.html">page</a> <a href="{name}.txt">texte</a></small></h2>')
        for shot in shots:
            picture = f"{name}-{shot}.png"
            parts.append(f'<a href="{picture}"><img src="{picture}" alt="{name}, {shot}" loading="lazy"></a>')
    return _INDEX.format("\n".join(parts))


def main() -> int:
    parser = argparse.ArgumentParser(description="Photographie chaque genre de message dans un dossier.")
    parser.add_argument("dossier", type=Path)
    parser.add_argument("--config", type=Path, default=None, help="dossier de configuration (par défaut : celui livré)")
    asked = parser.parse_args()
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        print("chromium n’est pas installé (paquet Debian « chromium »)", file=sys.stderr)
        return 2
    names = write(asked.dossier, folder.load(asked.config or folder.shipped()).house, program)
    print(f"{len(names)} messages photographiés : {asked.dossier / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
