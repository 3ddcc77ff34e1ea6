"""Templates on trial: linted, compiled, and filled with every sample, before they may write to a PS.

Owns: the verdict on a set of files. Whoever tries text that nobody looked at yet lets `judge` run in a process that can
be killed (`reading`): 10,000 nested tags or loops in loops end a process, and a verdict costs a second. Raises nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from jinja2 import TemplateError, UndefinedError
from jinja2.exceptions import SecurityError

from mailbot.errors import ConfigError, Fault
from mailbot.letters import lint, render, sandbox, words
from mailbot.letters.lint import contrast, shapes, source
from mailbot.letters.lint.source import FOLDER, JINJA, Source
from mailbot.letters.verdict import Contexts, Verdict

#: Bytes of a page beyond which Gmail cuts it.
MAX_BYTES = 100_000
#: Characters of a line of plain text (RFC 5322 §2.1.1 recommends 78).
MAX_LINE = 78
_LONG_WORD = 50


def judge(files: Mapping[str, str], changed: Sequence[str], contexts: Contexts) -> Verdict:
    """What is to be said against the files `changed` among `files`: of each alone first, then of every page and text
    that they are part of."""
    known = {name: "" for kind in sandbox.KINDS for name in (f"{kind}.mjml", f"{kind}.txt")}
    known |= {name: "" for name in files if name.startswith("_") and name.endswith((".mjml", ".txt"))}
    alone = [fault for name in changed for fault in lint.of_file(name, files[name], files, known)]
    if alone:
        return Verdict(_once(alone))
    faults: list[Fault] = []
    remarks: list[Fault] = []
    for kind in sandbox.KINDS:
        for name in (f"{kind}.mjml", f"{kind}.txt"):
            if name in files and source.parts(name, files) & {*changed}:
                found = _whole(kind, name, files, {*changed}, contexts.get(kind, ()))
                faults += found.faults
                remarks += found.remarks
    return Verdict(_once(faults), _once(remarks))


def filled(files: Mapping[str, str], contexts: Contexts) -> Verdict:
    """What is to be said of templates in use on these samples: does each page and text fill, and how large is it? What
    stands in the files was looked at when they were chosen, or before they were shipped."""
    faults: list[Fault] = []
    remarks: list[Fault] = []
    for kind, samples in contexts.items():
        pair = render.compiled(kind, files)
        for name, template in ((f"{kind}.mjml", pair.html), (f"{kind}.txt", pair.text)):
            found = _filled(template, source.expanded(name, files), {*files}, samples, files)
            faults += found.faults
            remarks += found.remarks
    return Verdict(_once(faults), _once(remarks))


def _whole(
    kind: str, name: str, files: Mapping[str, str], changed: set[str], contexts: Sequence[Mapping[str, Any]]
) -> Verdict:
    """One page or one text. A fault of a page as a whole is told of the first file on trial that it is made of."""
    known = shapes.learn(contexts) if contexts else shapes.Shape(dict.fromkeys(sandbox.KINDS[kind], shapes.ANY))
    found = lint.of_whole(name, files, known)
    page = name.endswith(".mjml")
    try:
        if page:
            written, whole, marks = render.skeleton(kind, files)
            # A colour that is none would be blamed on everything that stands on it.
            found += [] if found else contrast.faults(whole, written, marks, changed)
        if found:
            return Verdict(tuple(found))
        template = render.page_of(kind, files, written, marks) if page else render.text_of(kind, files)
    except ConfigError as error:
        return Verdict(tuple(found) or error.faults)
    done = _filled(template, source.expanded(name, files), changed, contexts, files)
    return Verdict((*found, *done.faults), done.remarks)


def _filled(
    template: Any,
    whole: Source,
    changed: set[str],
    contexts: Iterable[Mapping[str, Any]],
    files: Mapping[str, str],
) -> Verdict:
    """Every sample in turn; one fault is enough, the longest page or line is told once."""
    heaviest, longest = 0, ""
    for context in contexts:
        try:
            rendered = template.render(context)
        except render.MISHAPS as error:
            return Verdict((_mishap(whole, context, error, files),))
        if whole.name.endswith(".mjml"):
            heaviest = max(heaviest, len(rendered.encode()))
        else:
            longest = max(longest, *render.tidy(rendered).split("\n"), key=_width)
    if heaviest > MAX_BYTES:
        hint = "restez sous 100 Ko : Gmail coupe au-delà"
        file = next(file for _, file, _ in (*whole.pieces, (0, whole.name, 0)) if file in changed)
        said = f"la page « {whole.name.removesuffix('.mjml')} » pèse {heaviest // 1000 + 1} Ko"
        return Verdict((Fault(f"{FOLDER}/{file}", 1, 1, said, hint),))
    if _width(longest) > MAX_LINE:
        # The words of a sample are not the admin's: the longest run of them that stands in the template is.
        hint = (
            f"« … | plier » coupe les lignes à 72 caractères ; au-delà de {MAX_LINE} certaines messageries les cassent"
        )
        at = max(whole.text.find(_longest_written(whole.text, longest)), 0)
        said = f"une ligne du texte a {len(longest)} caractères : « {longest.strip()[:30]}… »"
        return Verdict(remarks=(whole.fault(at, said, hint),))
    return Verdict()


def _width(line: str) -> int:
    """0 for a line that a long word makes long: an address is not cut."""
    return len(line) if max(map(len, line.split()), default=0) <= _LONG_WORD else 0


def _longest_written(text: str, line: str) -> str:
    """The longest run of words of a rendered line that stands in the template as it is."""
    line_words = line.split(" ")
    runs = (" ".join(line_words[a:b]) for a in range(len(line_words)) for b in range(a + 1, len(line_words) + 1))
    return max((run for run in runs if run in text), key=len, default="")


def _mishap(whole: Source, context: Mapping[str, Any], error: Exception, files: Mapping[str, str]) -> Fault:
    """The compiled page knows no places: the same is done once more on what the admin wrote, to see where it fails."""
    env = sandbox.environment(files, html=whole.name.endswith(".mjml"))
    line = 0
    try:
        env.from_string(whole.text).render(context)
    except render.MISHAPS as again:
        error, line = again, _line(again.__traceback__)
    offset = whole.line_start(line) if line else 0
    mark = next(
        (mark for mark in JINJA.finditer(whole.text) if mark.end() > offset and not mark[0].startswith("{#")), None
    )
    message, hint = _french(error, context)
    if not line or mark is None:
        return Fault(f"{FOLDER}/{whole.name}", 0, 0, message, hint)
    return whole.fault(max(offset, mark.start()), message, hint)


def _line(traceback: TracebackType | None) -> int:
    """The innermost line that is the template's."""
    found = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            found = traceback.tb_lineno
        traceback = traceback.tb_next
    return found


def _french(error: Exception, known: Iterable[str]) -> tuple[str, str]:
    said = str(getattr(error, "message", None) or error)
    failed = "le modèle échoue sur un exemple"
    if isinstance(error, SecurityError):
        if "opérateur" in said:
            return f"{failed} : {said}", "un modèle montre des valeurs, il ne calcule pas"
        return f"{failed} : appel ou accès refusé", "un modèle montre des valeurs, il n’appelle rien"
    named = re.search(r"has no attribute '(\w+)'|'(\w+)' is undefined", said)
    if isinstance(error, UndefinedError) and named:
        word = named[1] or named[2]
        if "None" in said:
            return (
                f"{failed} : rien n’est là dont montrer « {word} »",
                "entourez le passage de {% if … %} et {% endif %}",
            )
        return f"nom inconnu « {word} »", words.nearest(word, known)
    if isinstance(error, TemplateError):
        return f"{failed} : {said}", "comparez avec le modèle livré"
    if isinstance(error, ZeroDivisionError):
        return f"{failed} : division par zéro", "un modèle montre des valeurs, il ne calcule pas"
    return f"{failed} ({type(error).__name__})", "comparez avec le modèle livré"


def _once(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Each fault once, in the order of the files: a shared part is looked at in every page."""
    told: dict[tuple[str, int, int, str], Fault] = {}
    for fault in faults:
        told.setdefault((fault.file, fault.line, fault.column, fault.message), fault)
    return tuple(told[key] for key in sorted(told))
