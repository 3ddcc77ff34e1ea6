"""`mailbot decide` against the csv module on the same files: wall time, memory, and the limits of issue 2.

Run it with `make bench` or `mailbot bench`. 100,000 invoices (300,000 rows) are decided against 1,000,000 rows of
references, written by generate.py into a temporary folder. Best of three for each side, taken in turns.
`--keep DIR` writes (or uses again) the data in DIR; `--profile` prints where `decide` spends its time instead.
Exit code 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import collections
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import generate
import invoices

MAX_RATIO = 12.0
MAX_BYTES = 1_500_000_000
RUNS = 3
_DECIDE = "from mailbot.cli import main; main()"
_START = "import sys; from mailbot.cli import main; sys.argv[1:] = ['--version']; main()"
_PROFILED = "import cProfile; from mailbot.cli import main; cProfile.run('main()', sort='tottime')"


def main() -> int:
    parser = argparse.ArgumentParser(description="Mesure « mailbot decide » face au module csv sur les mêmes fichiers.")
    parser.add_argument(
        "--keep", metavar="DOSSIER", type=Path, help="garde les données ici (ou reprend celles d’avant)"
    )
    parser.add_argument("--profile", action="store_true", help="montre où passe le temps, au lieu de mesurer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mailbot-bench-") as name:
        data = generate.written(options.keep or Path(name))
        # Python's bytecode is kept here, as an installed program keeps its own: compiling it is not what is measured.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(name) / "bytecode")
        start = min(_seconds([sys.executable, "-c", _START]) for _ in range(RUNS))
        if options.profile:
            return _profile(data)
        return _measure(data, Path(name) / "decisions.jsonl", start)


def _measure(data: generate.Written, out: Path, start: float) -> int:
    size = sum(path.stat().st_size for path in data.all())
    say(f"{data.rows / 1e6:.1f} million de lignes de CSV, {size / 1e6:.0f} Mo")
    read, decided, memory = [], [], []
    for turn in range(1, RUNS + 1):
        read.append(_read(data.all()))
        seconds, peak = _decide(data, out)
        decided.append(seconds)
        memory.append(peak)
        say(f"  tour {turn} : csv {read[-1]:.2f} s, decide {seconds:.2f} s, {peak / 1e6:.0f} Mo au plus")
    say(f"démarrage de mailbot seul  {start:6.2f} s (compris dans ce qui suit)")
    return _verdict(min(read), min(decided), max(memory), out)


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def _read(paths: list[Path]) -> float:
    """Seconds that the csv module takes for all rows of all files."""
    started = time.perf_counter()
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            for _row in csv.reader(file, delimiter=";"):
                pass
    return time.perf_counter() - started


def _decide(data: generate.Written, out: Path) -> tuple[float, int]:
    """Wall seconds and peak resident bytes of one `mailbot decide` as a process of its own."""
    with out.open("wb") as file:
        started = time.perf_counter()
        process = subprocess.Popen(_command(_DECIDE, data), stdout=file)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"« mailbot decide » a rendu le code {process.returncode} au lieu de 0")
    return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _command(program: str, data: generate.Written) -> list[str]:
    lots = [str(path) for path in data.lots]
    return [sys.executable, "-c", program, "decide", *lots, "--references", str(data.references), "--json"]


def _verdict(read: float, decided: float, memory: int, out: Path) -> int:
    decisions, rules = _decisions(out)
    ratio = decided / read
    say(f"{decisions} factures décidées par {len(rules)} règles : {_spread(rules)}")
    say(f"module csv seul            {read:6.2f} s")
    say(f"mailbot decide             {decided:6.2f} s, soit {ratio:.1f} fois le module csv (limite : {MAX_RATIO:.0f})")
    say(f"mémoire de mailbot decide  {memory / 1e9:6.2f} Go (limite : {MAX_BYTES / 1e9:.1f})")
    missed = [
        text
        for text, is_missed in (
            ("trop lent", ratio > MAX_RATIO),
            ("trop de mémoire", memory > MAX_BYTES),
            (f"{decisions} factures au lieu de {invoices.INVOICES}", decisions != invoices.INVOICES),
        )
        if is_missed
    ]
    say(f"limites manquées : {', '.join(missed)}" if missed else "les deux limites sont tenues")
    return 1 if missed else 0


def _decisions(out: Path) -> tuple[int, collections.Counter[str]]:
    rules: collections.Counter[str] = collections.Counter()
    with out.open(encoding="utf-8") as file:
        for line in file:
            rules[json.loads(line).get("regle", "refus")] += 1
    return sum(rules.values()), rules


def _spread(rules: collections.Counter[str]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in sorted(rules.items()))


def _profile(data: generate.Written) -> int:
    process = subprocess.run(_command(_PROFILED, data), stdout=subprocess.PIPE, check=False)
    # The decisions come first on the same stream.
    head, _, table = process.stdout.decode().rpartition("function calls")
    print(head.rpartition("\n")[2] + "function calls" + "\n".join(table.splitlines()[:60]))
    return process.returncode


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
