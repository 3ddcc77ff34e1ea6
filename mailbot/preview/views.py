"""The pages of the gallery as HTML, from `pages/`. Every value is escaped; style and script come from `static/`."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mailbot.configuration.folder import State
from mailbot.letters import words
from mailbot.preview.gallery import WITH_PDF, Difference, View

#: Kind -> its name; a kind that is not here goes by its own.
_KINDS = {
    "accuse": "Accusé de réception",
    "avis": "Avis de service",
    "bordereau": "Bordereau",
    "digest": "Synthèse du gestionnaire",
    "etat": "Réponse à une question",
    "inscription": "Étape d’inscription",
    "rapport": "Rapport du jour",
    "relance": "Relance",
    "reponse": "Réponse d’un agent",
}

#: What becomes of a changed file: the mark beside it, and the sentence above what differs.
_STATES = {
    State.USED: ("", "Votre version face à la version livrée. Ce fichier est en usage."),
    State.FAULTY: (
        "faute",
        "Votre version face à la version livrée. Ce fichier porte une faute : la version d’avant est en usage.",
    ),
    State.UNREAD: ("faute", "Ce fichier ne se lit pas : la version d’avant est en usage."),
    State.GONE: (
        "retiré",
        "Ce fichier n’est plus dans votre dossier. Un service en marche envoie la réponse livrée de ce motif ; "
        "un autre texte n’est plus proposé.",
    ),
}


def overview(view: View) -> str:
    """Every kind: on a phone, on a desktop, in the dark."""
    return _page("overview", view, "Tous les courriers", "")


def letter(view: View, kind: str, number: int) -> str:
    """One sample at both widths, with everything that goes with it."""
    return _page(
        "letter",
        view,
        f"{_name(kind)} {number}",
        kind,
        number=number,
        context=view.context(kind, number),
        text=view.text(kind, number),
        pdf=kind in WITH_PDF,
    )


def difference(view: View, one: Difference) -> str:
    """A file beside the shipped one."""
    return _page("difference", view, one.file, one.file, one=one)


def missing(view: View) -> str:
    return _page("missing", view, "Introuvable", "")


def _page(name: str, view: View, title: str, current: str, **values: object) -> str:
    page = _pages().get_template(f"{name}.html")
    return page.render(view=view, title=title, current=current, **values)


@cache
def _pages() -> Environment:
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["name"] = _name
    env.filters["typo"] = words.typographie
    env.filters["side"] = _side
    env.filters["mark"] = lambda state: _STATES[state][0]
    env.filters["state"] = lambda state: _STATES[state][1]
    for filtered, singular in (("faults", "faute"), ("remarks", "remarque"), ("samples", "exemple")):
        env.filters[filtered] = partial(_counted, singular=singular)
    return env


def _name(kind: str) -> str:
    return _KINDS.get(kind, kind.capitalize())


def _counted(count: int, singular: str) -> str:
    return words.pluriel(count, singular)


def _side(line: str) -> str:
    """The class of a line of `diff -u`."""
    if line.startswith(("+++", "---", "@@")):
        return "repere"
    return {"+": "plus", "-": "moins"}.get(line[:1], "meme")
