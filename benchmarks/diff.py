"""`mailbot rules diff` over 200,000 decided invoices against deciding them, and the limit of issue 3.

The invoices of generate.py are decided once into a ledger (`mailbot lots add`, told for information). Then one row of
regles.yaml is edited, and two things are measured in turns, best of three: `mailbot decide` of the same invoices from
their files against the same references, which is what deciding them costs a user, and `mailbot rules diff`, which must
find exactly the invoices that the edited row decides. `--keep DIR` writes (or uses again) data and ledger in DIR.
Exit code 1 when the limit is missed or a decision is missing.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import generate

INVOICES = 200_000
MAX_RATIO = 1.5
RUNS = 3
_MAILBOT = (sys.executable, "-c", "from mailbot.cli import main; main()")
#: The row that is edited, where it stands, and what is put in.
_ROW = "F2"
_BEFORE = "motif: BENEFICIAIRE_NON_COUVERT"
_EDITED = f"{_BEFORE}\n    route: gestionnaire"


def main() -> int:
    parser = argparse.ArgumentParser(description="Mesure « mailbot rules diff » face à « mailbot decide ».")
    parser.add_argument(
        "--keep", metavar="DOSSIER", type=Path, help="garde données et registre ici (ou reprend ceux d’avant)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mailbot-diff-") as name:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(name) / "bytecode")
        folder = options.keep or Path(name)
        lots = _data(folder)
        _ledger(folder, lots)
        _edit(folder / "config" / "regles.yaml")
        return _measure(folder, lots, Path(name) / "out.jsonl")


def _data(folder: Path) -> list[Path]:
    lots = folder / "lots"
    if not lots.is_dir():
        say(f"génération des données : {INVOICES} factures (graine fixe)…")
        generate.write(folder, INVOICES)
    return sorted(lots.glob("*.csv"))


def _ledger(folder: Path, lots: list[Path]) -> None:
    """The configuration and the ledger in which everything is decided."""
    config = folder / "config"
    if config.is_dir():
        return
    say("registre : chargement des tables, décision des lots…")
    _run("init", config)
    _run("--config", config, "references", "load", folder / "references")
    seconds = _run("--config", config, "lots", "add", *lots)
    say(f"mailbot lots add           {seconds:6.2f} s (pour information : décider dans le registre)")


def _edit(regles: Path) -> None:
    text = regles.read_text(encoding="utf-8")
    at = text.index(_BEFORE, text.index(f"- id: {_ROW}\n"))
    if not text.startswith(_EDITED, at):
        regles.write_text(text[:at] + _EDITED + text[at + len(_BEFORE) :], encoding="utf-8")


def _measure(folder: Path, lots: list[Path], out: Path) -> int:
    config = ("--config", folder / "config")
    decided, again = [], []
    rules: collections.Counter[str] = collections.Counter()
    found: list[dict[str, object]] = []
    for turn in range(1, RUNS + 1):
        decided.append(_run(*config, "decide", *lots, "--references", folder / "references", "--json", out=out))
        rules = collections.Counter(one["regle"] for one in _objects(out))
        again.append(_run(*config, "rules", "diff", "--json", out=out, code=1))
        found = _objects(out)
        say(f"  tour {turn} : decide {decided[-1]:.2f} s, rules diff {again[-1]:.2f} s")
    return _verdict(min(decided), min(again), rules, found)


def _verdict(decided: float, again: float, rules: collections.Counter[str], found: list[dict[str, object]]) -> int:
    ratio = again / decided
    *changed, last = found
    summary = last["bilan"]
    assert isinstance(summary, dict)
    say(f"mailbot decide             {decided:6.2f} s")
    say(f"mailbot rules diff         {again:6.2f} s, soit {ratio:.2f} fois (limite : {MAX_RATIO})")
    say(f"{summary['comparees']} décisions reprises, {len(changed)} changées par la ligne {_ROW}")
    missed = [
        text
        for text, is_missed in (
            ("trop lent", ratio > MAX_RATIO),
            (f"{summary['comparees']} décisions au lieu de {INVOICES}", summary["comparees"] != INVOICES),
            (f"{rules[_ROW]} changements attendus", not len(changed) == summary["changeraient"] == rules[_ROW]),
        )
        if is_missed
    ]
    say(f"limites manquées : {', '.join(missed)}" if missed else "la limite est tenue")
    return 1 if missed else 0


def _objects(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def _run(*arguments: object, out: Path | None = None, code: int = 0) -> float:
    """Wall seconds of one `mailbot` as a process of its own."""
    with (out or Path(os.devnull)).open("wb") as file:
        started = time.perf_counter()
        done = subprocess.run(
            [*_MAILBOT, *map(str, arguments)], stdout=file, stderr=subprocess.PIPE, text=True, check=False
        )
        seconds = time.perf_counter() - started
    if done.returncode != code:
        raise SystemExit(f"« mailbot {arguments[0]} » a rendu le code {done.returncode} : {done.stderr[-2000:]}")
    return seconds


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
