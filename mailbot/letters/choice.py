"""Which version of each template is in use: the override of the admin, its last good version, or the shipped one.

Owns: that choice, and nothing of how a template is judged or kept. An override with a fault gives way to the version of
**that override** that was good before; only where there is none, to the shipped template. Pure: the judge is an
argument.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mailbot.errors import Fault
from mailbot.letters.render import Templates
from mailbot.letters.verdict import Contexts, Judge, Verdict


def tried(files: Mapping[str, str], changed: Sequence[str], contexts: Contexts) -> Verdict:
    """`trial.judge` in this process. What it needs takes seconds to load where no compiled code is kept, and without
    overrides nothing is tried."""
    from mailbot.letters import trial

    return trial.judge(files, changed, contexts)


def of(
    shipped: Mapping[str, str],
    overrides: Mapping[str, str],
    contexts: Contexts,
    *,
    last_good: Mapping[str, str] | None = None,
    judge: Judge = tried,
) -> Templates:
    """From file name (`bordereau.mjml`, `_style.mjml`, …) -> text. Without overrides nothing is tried: the shipped
    templates were, before they were shipped."""
    changed = sorted((name for name in overrides if overrides[name] != shipped.get(name)), key=_parts_first)
    if not changed:
        return Templates(shipped, shipped)
    together = {**shipped, **{name: overrides[name] for name in changed}}
    verdict = judge(together, changed, contexts)
    if not verdict.faults:
        return Templates(together, shipped, (), verdict.remarks)
    return _one_by_one(shipped, {name: overrides[name] for name in changed}, last_good or {}, contexts, judge)


def _one_by_one(
    shipped: Mapping[str, str],
    overrides: Mapping[str, str],
    last_good: Mapping[str, str],
    contexts: Contexts,
    judge: Judge,
) -> Templates:
    files = dict(shipped)
    faults: list[Fault] = []
    remarks: list[Fault] = []
    for name, text in overrides.items():
        verdict = judge({**files, name: text}, [name], contexts)
        if not verdict.faults:
            files[name] = text
            remarks += verdict.remarks
            continue
        faults += verdict.faults
        before = last_good.get(name, text)
        if before != text and not judge({**files, name: before}, [name], contexts).faults:
            files[name] = before
    return Templates(files, shipped, tuple(dict.fromkeys(faults)), tuple(dict.fromkeys(remarks)))


def _parts_first(name: str) -> tuple[bool, str]:
    """What others are made of is tried before them."""
    return not name.startswith("_"), name
