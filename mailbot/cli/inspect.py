"""`inspect`: what a mail is, without a ledger. Many mails are read by several reading processes at once, in order."""

from __future__ import annotations

import os
import queue
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from mailbot.cli import context, wording
from mailbot.cli.context import Invocation
from mailbot.cli.main import ATTENTION
from mailbot.errors import Park
from mailbot.model import Kind
from mailbot.parsers.mail import message
from mailbot.parsers.mail.own import Own
from mailbot.passes import settle_mails
from mailbot.reading import Child, Reader

#: Reading processes for `--jsonl`, and mails that each may be ahead of the one that is printed next.
_MOST_READERS = 4
_AHEAD = 8

Inspected = tuple[Kind, bytes]


@click.command()
@click.argument("paths", metavar="FICHIER…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON.")
@click.option("--jsonl", is_flag=True, help="Un objet JSON par ligne, avec son chemin ; les dossiers sont parcourus.")
@click.pass_obj
def inspect(invocation: Invocation, paths: tuple[Path, ...], as_json: bool, jsonl: bool) -> int:
    """Ce qu’est un mail, sans registre : son genre, son texte, ses numéros, ses pièces jointes."""
    own = settle_mails.own(invocation.configuration(shipped_will_do=True))

    def work(reader: Reader, path: Path) -> Inspected:
        return _inspected(reader, context.read_file(path), invocation.clock(), own)

    attention = 0
    if jsonl:
        out = sys.stdout.buffer
        for path, (kind, told) in _many(list(_mails(paths)), work):
            attention += kind is Kind.MALFORMED
            out.write(b'{"path":' + orjson.dumps(str(path)) + b"," + told[1:] + b"\n")
        out.flush()
        return ATTENTION if attention else 0
    for path in paths:
        kind, told = work(invocation.reader, path)
        attention += kind is Kind.MALFORMED
        if as_json:
            click.echo(told.decode())
        else:
            _tell(orjson.loads(told))
    return ATTENTION if attention else 0


def _inspected(reader: Reader, raw: bytes, now: datetime, own: Own) -> Inspected:
    try:
        return reader.inspected(raw, now, own)
    except Park as error:
        return Kind.MALFORMED, message.as_json_bytes(message.damaged(raw, error.reason))


def _many(paths: Sequence[Path], work: Callable[[Reader, Path], Inspected]) -> Iterator[tuple[Path, Inspected]]:
    """`work(reader, path)` of each path, in their order, by as many readers as there are processors to spare."""
    count = min(_MOST_READERS, len(paths), len(os.sched_getaffinity(0))) or 1
    readers = [Child() for _ in range(count)]
    idle: queue.SimpleQueue[Reader] = queue.SimpleQueue()
    for reader in readers:
        idle.put(reader)

    def one(path: Path) -> Inspected:
        reader = idle.get()
        try:
            return work(reader, path)
        finally:
            idle.put(reader)

    pending: deque[tuple[Path, Future[Inspected]]] = deque()
    with ThreadPoolExecutor(count) as pool:
        try:
            for path in paths:
                pending.append((path, pool.submit(one, path)))
                if len(pending) > count * _AHEAD:
                    ready, future = pending.popleft()
                    yield ready, future.result()
            for ready, future in pending:
                yield ready, future.result()
        finally:
            for _, future in pending:
                future.cancel()
            pool.shutdown()
            for reader in readers:
                reader.close()


def _mails(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file())
        else:
            yield path


def _tell(told: dict[str, Any]) -> None:
    labels = {
        "kind": "genre", "from": "de", "to": "à", "subject": "objet", "date": "date", "numeros_ps": "n° PS",
        "numeros_facture": "n° facture", "nirs": "NIR", "tokens": "références", "warnings": "remarques",
    }  # fmt: skip
    for name, label in labels.items():
        value = told[name]
        if value:
            shown = ", ".join(value) if isinstance(value, list | tuple) else str(value)
            click.echo(f"{label:12} {wording.safe(shown)}")
    for attachment in told["attachments"]:
        click.echo(f"{'pièce':12} {wording.safe(attachment['filename'])} ({attachment['size']} octets)")
    click.echo(f"\n{wording.safe(told['reply_text'])}")
