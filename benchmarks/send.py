"""`mailbot deliver` against Postfix's `smtp-source`: the limit of issue 6.

Letters with the bytes of a bordereau wait in a ledger on disk, each for the contact of its PS. One side is `mailbot
deliver` as a process: every attempt, point of no return and outcome durable in the ledger, every recipient checked
again. The other is `smtp-source -d` (connections used again, no ledger) with the same bytes and as many connections,
into Postfix's own `smtp-sink`. Neither of Postfix's two programs speaks TLS: over STARTTLS ours sends to a sink of this
folder (smtp_sink.py), and is held to half of what smtp-source does in the clear all the same: two sinks, which
says less than one would. That sink looks at no byte and takes from smtp-source ten times what smtp-sink takes; the
ratios with it on both sides are printed too, and there ours stays far below half (the ledger and Python are the limit).
Taken in turns; the best of each counts. Our time is that between the first attempt and the last outcome in the ledger:
the second that a process takes to start is not in it.

`--count N` letters (10,000 in issue 6), `--connections N`, `--pdf` with the PDF copy. Exit code 1 when the limit is
missed or a letter was lost.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import smtp_sink
import trustme

from mailbot.configuration import folder as folders
from mailbot.ledger import Ledger
from mailbot.letters import bordereau, samples
from mailbot.model import Draft, LetterKind

MIN_RATIO = 0.5
RUNS = 3
COUNT = 10_000
CONNECTIONS = 4
#: Every other PS has a domain of its own; the others share the large ones.
_DOMAINS = ("orange.example.fr", "wanadoo.example.fr", "mssante.example.fr", "laposte.example.fr")
_MAILBOT = (sys.executable, "-m", "mailbot")
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def main() -> int:
    parser = argparse.ArgumentParser(description="Mesure « mailbot deliver » face à « smtp-source » de Postfix.")
    parser.add_argument("--count", type=int, default=COUNT, help="nombre de courriers")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="connexions de chaque côté")
    parser.add_argument("--pdf", action="store_true", help="avec la copie PDF")
    options = parser.parse_args()
    source = shutil.which("smtp-source", path=_PATH)
    if source is None:
        say("smtp-source n’est pas installé (paquet Debian postfix) : rien à mesurer")
        return 1
    with tempfile.TemporaryDirectory(prefix="mailbot-send-") as name:
        return _measure(Bench(Path(name), source, letter(options.pdf), options.count, options.connections))


class Bench:
    """The folder, the letter and both senders."""

    def __init__(self, folder: Path, source: str, raw: bytes, count: int, connections: int) -> None:
        self.folder, self.source, self.count, self.connections = folder, source, count, connections
        self.raw = raw
        # smtp-source doubles the dots and ends the lines itself.
        (folder / "courrier").write_bytes(self.raw.replace(b"\r\n", b"\n"))
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(smtp_sink.HOST).configure_cert(self.context)
        self.config = folder / "config"
        subprocess.run([*_MAILBOT, "init", str(self.config)], check=True, capture_output=True)
        say(f"{count} courriers de {len(self.raw) / 1000:.0f} Ko, {connections} connexions")
        self._ledger()

    def theirs(self, port: int) -> float:
        """Letters a second of smtp-source."""
        command = [self.source, "-d", "-s", str(self.connections), "-m", str(self.count)]
        command += ["-f", "a@example.fr", "-t", "b@example.org", "-F", str(self.folder / "courrier")]
        started = time.perf_counter()
        subprocess.run([*command, f"inet:{smtp_sink.HOST}:{port}"], check=True)
        return self.count / (time.perf_counter() - started)

    def ours(self, port: int, tls: str) -> float:
        """Letters a second of `mailbot deliver`, from a ledger in which all of them wait."""
        ledger = self.config / "var" / "registre.sqlite"
        ledger.parent.mkdir(exist_ok=True)
        shutil.copy(self.folder / "registre.sqlite", ledger)
        self._configure(port, tls)
        subprocess.run([*_MAILBOT, "--config", str(self.config), "deliver"], check=True, capture_output=True)
        with closing(sqlite3.connect(ledger)) as opened:
            states = opened.execute("SELECT state, count(*) FROM letters GROUP BY state").fetchall()
            first, last = opened.execute("SELECT min(started_at), max(ended_at) FROM attempts").fetchone()
        if states != [("sent", self.count)]:
            raise SystemExit(f"courriers perdus : {states}")
        return self.count / (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()

    def _ledger(self) -> None:
        """Letters that wait, and the contacts of their PS."""
        now = datetime.now(UTC) - timedelta(minutes=1)
        with Ledger(self.folder / "registre.sqlite") as ledger, ledger.transaction():
            for number in range(self.count):
                ps, domain = (
                    f"{100000000 + number}",
                    _DOMAINS[number % 4] if number % 2 else f"cabinet{number}.example.fr",
                )
                to = f"contact{number}@{domain}"
                ledger.store.run("INSERT INTO ref_agaps (numero_ps, mail) VALUES (?, ?)", ps, to)
                key, sender = f"{number:064x}", f"retour+{number}@example.fr"
                draft = Draft(key, LetterKind.BORDEREAU, ps, to, sender, f"<{key}@example.fr>", "", self.raw, now)
                ledger.letters.queue(now, draft)

    def _configure(self, port: int, tls: str) -> None:
        path = self.config / "mailbot.yaml"
        text = path.read_text(encoding="utf-8")
        section = (
            f"outbox:\n  type: smtp\n  host: {smtp_sink.HOST}\n  port: {port}\n  tls: {tls}\n"
            f"  ca_file: {self.folder / 'ca.pem'}\n  from_address: service.fluxtiers@example.fr\n"
            f"  max_per_minute: 100000000\n  connections: {self.connections}\n\n"
        )
        text = re.sub(r"^outbox:.*?(?=^lots:)", lambda _: section, text, flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"max_letters_per_run: \d+", f"max_letters_per_run: {self.count}", text)
        path.write_text(text, encoding="utf-8")


def letter(pdf: bool = False) -> bytes:
    """A bordereau of ten refusals, as `cut` makes it."""
    house = dataclasses.replace(folders.load(folders.shipped()).house, pdf=pdf)
    draft = bordereau.compose(
        house,
        contact=samples.ADRESSE,
        numero_ps=samples.NUMERO_PS,
        raison_sociale=samples.RAISON_SOCIALE,
        lignes=samples.lignes(house)[:10],
        bilans=(),
        index=1,
        total=1,
        token=samples.TOKEN,
        now=samples.NOW,
        key="mesure",
        retours=(),
    )
    return draft.raw


@contextmanager
def postfix_sink() -> Iterator[int]:
    """The port of a running `smtp-sink`."""
    with closing(socket.create_server((smtp_sink.HOST, 0))) as probe:
        port = probe.getsockname()[1]
    user = ["-u", "postfix"] if os.getuid() == 0 else []
    process = subprocess.Popen([str(shutil.which("smtp-sink", path=_PATH)), *user, f"{smtp_sink.HOST}:{port}", "200"])
    try:
        for _ in range(200):
            with closing(socket.socket()) as probe:
                if probe.connect_ex((smtp_sink.HOST, port)) == 0:
                    break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait()


def _measure(bench: Bench) -> int:
    rates: dict[str, list[float]] = {}
    lost = 0
    for turn in range(1, RUNS + 1):
        with postfix_sink() as port:
            rates.setdefault("smtp-source", []).append(bench.theirs(port))
            rates.setdefault("en clair", []).append(bench.ours(port, "none"))
        with smtp_sink.running(bench.connections, bench.context) as (port, taken):
            rates.setdefault("STARTTLS", []).append(bench.ours(port, "starttls"))
            lost += bench.count - taken()
        with smtp_sink.running(bench.connections) as (port, taken):
            rates.setdefault("puits rapide : smtp-source", []).append(bench.theirs(port))
            rates.setdefault("puits rapide : en clair", []).append(bench.ours(port, "none"))
            lost += 2 * bench.count - taken()
        say(f"  tour {turn} : " + ", ".join(f"{name} {found[-1]:.0f}/s" for name, found in rates.items()))
    best = {name: max(found) for name, found in rates.items()}
    for name in rates:
        theirs = "puits rapide : smtp-source" if name == "STARTTLS" or "rapide" in name else "smtp-source"
        other = f", {best[name] / best[theirs]:.2f} de « {theirs} »" if theirs != "smtp-source" else ""
        say(f"{name:28} {best[name]:6.0f} courriers/s, {best[name] / best['smtp-source']:5.2f} de smtp-source{other}")
    missed = [name for name in ("en clair", "STARTTLS") if best[name] < MIN_RATIO * best["smtp-source"]]
    missed += ["le serveur n’a pas compté tous les courriers"] if lost else []
    say(f"limites manquées : {', '.join(missed)}" if missed else f"la limite ({MIN_RATIO} de smtp-source) est tenue")
    return 1 if missed else 0


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
