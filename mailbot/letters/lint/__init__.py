"""What can be said against a template: file, line, column, what is wrong, what to do.

source.py    a page or text with its parts put in, and where each character was written
jinja.py     grammar, names down to the attributes of what a loop gives, calls, inclusions; shapes.py the known values
tree.py      tags as elements with places; mjml.py the table of components; markup.py pages against that table
css.py       properties and colours of styles; colours.py, contrast.py whether a text can be read on its background
outside.py   links, resources, patients outside the body, what screen readers need

Two looks: `of_file` at one file alone (cheap, never renders: it guards everything else), `of_whole` at a page or text
with its parts in place. A compiled page also goes through `contrast`. Nothing here renders and nothing raises.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailbot.errors import Fault
from mailbot.letters import words
from mailbot.letters.lint import css, jinja, markup, outside, shapes, source, tree
from mailbot.letters.lint.shapes import Shape
from mailbot.letters.lint.source import FOLDER
from mailbot.letters.lint.tree import Broken

_MAX_CHARS = 200_000


def of_file(name: str, text: str, files: Mapping[str, str], known: Mapping[str, str]) -> list[Fault]:
    """One file alone: is it one of `known`, not too long, well formed, and are its inclusions among `files`?"""
    file = f"{FOLDER}/{name}"
    if name not in known:
        return [Fault(file, 0, 0, "ce modèle n’existe pas", words.nearest(name, known))]
    if len(text) > _MAX_CHARS:
        return [Fault(file, 0, 0, f"le modèle dépasse {_MAX_CHARS} caractères", "raccourcissez-le")]
    if not text.strip():
        return [Fault(file, 1, 1, "le modèle est vide", "effacez le fichier pour revenir au modèle livré")]
    found = list(jinja.grammar(name, text, files))
    if name.endswith(".mjml") and not found:
        read = tree.read(text)
        if isinstance(read, Broken):
            found.append(Fault(file, *source.place(text, read.offset), read.message, read.hint))
    return found


def of_whole(name: str, files: Mapping[str, str], known: Shape) -> list[Fault]:
    """A page or text of which each file passed `of_file`; `known` is the shape of its values."""
    whole = source.expanded(name, files)
    html = name.endswith(".mjml")
    names = jinja.Names(whole, known, html=html)
    found = list(names.faults())
    if html:
        root = tree.read(whole.text)
        if isinstance(root, Broken):
            return [*found, whole.fault(root.offset, root.message, root.hint)]
        found += markup.faults(whole, root)
        for element in root.inside():
            if element.tag in ("mj-style", "style"):
                found += css.sheet(whole, element.opened, whole.text.find("</", element.opened))
        found += outside.faults(whole, root, names.about_patients)
    return found


__all__ = ["Fault", "Shape", "of_file", "of_whole", "shapes"]
