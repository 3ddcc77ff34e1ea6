"""What is said of templates on trial, and who says it: values and types only, so that the reading process can name them
without loading what renders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailbot.errors import Fault

#: Kind -> sample contexts: `samples.contexts`.
Contexts = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults`: why these files are not used. `remarks`: what is worth a look."""

    faults: tuple[Fault, ...] = ()
    remarks: tuple[Fault, ...] = ()


#: All files, the names of those on trial, the samples. `trial.judge`, or the same in a process under limits.
Judge = Callable[[Mapping[str, str], Sequence[str], Contexts], Verdict]
