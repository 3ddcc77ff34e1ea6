"""`mailbot inspect --jsonl` against the standard library's own reading of the same mails: the limit of issue 4.

10,000 invented mails of 3 KB to 300 KB (mails.py) lie in a temporary folder. One side is `mailbot inspect --jsonl` as a
process, with its reading processes under their limits; the other reads the same files with `email.policy.default`
alone, asks for the same fields and decodes every part. Taken in turns, the best of each counts. Exit code 1 when the
limit is missed. `--count N` takes fewer mails.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mails

MAX_RATIO = 1.0
RUNS = 2
_FIELDS = ("message-id", "from", "to", "subject", "date")
_INSPECT = "from mailbot.cli import main; main()"


def main() -> int:
    parser = argparse.ArgumentParser(description="Mesure « mailbot inspect » face à la bibliothèque standard.")
    parser.add_argument("--count", type=int, default=mails.COUNT, help="nombre de mails")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory(prefix="mailbot-bench-") as name:
        folder = Path(name) / "mails"
        folder.mkdir()
        say(f"génération de {count} mails (graine fixe)…")
        size = sum((folder / f"{number:05}.eml").write_bytes(mails.write(number)) for number in range(count))
        say(f"{count} mails, {size / 1e6:.0f} Mo")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(name) / "bytecode")
        return _measure(folder, Path(name) / "inspected.jsonl", count)


def _measure(folder: Path, out: Path, count: int) -> int:
    library, ours = [], []
    for turn in range(1, RUNS + 1):
        library.append(_library(folder))
        seconds, memory = _inspect(folder, out)
        ours.append(seconds)
        say(
            f"  tour {turn} : bibliothèque {library[-1]:.1f} s, inspect {seconds:.1f} s, "
            f"{memory / 1e6:.0f} Mo au plus pour un processus"
        )
    with out.open("rb") as file:
        lines = sum(1 for _ in file)
    ratio = min(ours) / min(library)
    say(f"policy.default seule  {min(library):6.1f} s, {count / min(library):5.0f} mails/s")
    say(
        f"mailbot inspect       {min(ours):6.1f} s, {count / min(ours):5.0f} mails/s, "
        f"soit {ratio:.2f} fois la bibliothèque (limite : {MAX_RATIO:.0f})"
    )
    missed = [
        text for text, is_missed in (("trop lent", ratio > MAX_RATIO), ("mails perdus", lines != count)) if is_missed
    ]
    say(f"limites manquées : {', '.join(missed)}" if missed else "la limite est tenue")
    return 1 if missed else 0


def _library(folder: Path) -> float:
    """Seconds for reading and decoding every mail with `policy.default`, in one process."""
    started = time.perf_counter()
    for path in sorted(folder.iterdir()):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for field in _FIELDS:
            str(mail[field])
        for part in mail.walk():
            if not part.is_multipart():
                part.get_content()
    return time.perf_counter() - started


def _inspect(folder: Path, out: Path) -> tuple[float, int]:
    """Wall seconds of the verb as a process, and the peak resident bytes of the largest of its processes."""
    with out.open("wb") as file:
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", _INSPECT, "inspect", "--jsonl", str(folder)], stdout=file)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"« mailbot inspect » a rendu le code {process.returncode} au lieu de 0")
    return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
