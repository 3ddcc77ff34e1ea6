"""`consigne`: the dictionary of anomalies, by number or by words; and the codes of returns that nobody explained."""

from __future__ import annotations

import click
import orjson

from mailbot.cli import context, dictionary, wording
from mailbot.cli.context import Invocation
from mailbot.cli.dictionary import Entry
from mailbot.cli.main import ATTENTION
from mailbot.configuration.folder import Configuration
from mailbot.errors import Later, Never
from mailbot.ledger import LearnedCode
from mailbot.ledger.retours import Retours
from mailbot.ledger.store import Store
from mailbot.letters import consignes, words


@click.command()
@click.argument("asked", metavar="NUMERO|MOTS…", nargs=-1)
@click.option("--manquantes", "missing", is_flag=True, help="Les codes vus dans les retours NOEMIE, sans consigne.")
@click.option("--json", "as_json", is_flag=True, help="Un objet JSON par ligne.")
@click.pass_obj
def consigne(invocation: Invocation, asked: tuple[str, ...], missing: bool, as_json: bool) -> int:
    """Ce que dit le dictionnaire pour un numéro d’anomalie, ou ce qu’il dit avec ces mots (sans accents, débuts de
    mots)."""
    question = " ".join(asked).strip()
    if missing == bool(question):
        raise click.UsageError("il faut un numéro ou des mots, ou bien --manquantes seul — « --help » dit l’usage")
    configuration = invocation.configuration(shipped_will_do=True)
    known = configuration.house.consignes
    learned = _learned(configuration)
    if missing:
        return _missing(dictionary.unexplained(known, learned), as_json)
    entries = dictionary.entries(known, learned)
    found = [one for one in entries if one.numero == question] or dictionary.search(entries, question)
    for one in found:
        click.echo(orjson.dumps(_as_json(one)).decode() if as_json else _shown(one, question))
    if not found:
        near = dictionary.nearest(entries, question)
        hint = f" — vouliez-vous dire « {near} » ?" if near else ""
        context.say(f"rien dans le dictionnaire pour « {question} »{hint}")
        return ATTENTION
    return 0


def _learned(configuration: Configuration) -> list[LearnedCode]:
    """What the returns taught; a look that asks for no lock. Nothing where there is no ledger yet."""
    path = configuration.settings.ledger.path
    if not path.is_file():
        return []
    try:
        store = Store.looked_at(path)
    except (Later, Never) as error:
        context.say(f"codes des retours NOEMIE laissés de côté : {error.reason}")
        return []
    try:
        return Retours(store).codes()
    finally:
        store.close()


def _missing(codes: list[LearnedCode], as_json: bool) -> int:
    """One line a code, as it can be pasted into consignes.csv; what it is about goes to stderr."""
    for one in codes:
        if as_json:
            told = {"numero": one.code, "libelle": one.libelle, "count": one.count, "first_seen": one.first_seen}
            click.echo(orjson.dumps(told).decode())
        else:
            click.echo(consignes.to_complete(one.code, one.libelle))
    if not codes:
        context.say("tous les codes des retours NOEMIE ont leur consigne")
        return 0
    context.say(
        f"{words.pluriel(len(codes), 'code')} sans consigne, les plus fréquents d’abord : collez ces lignes dans "
        "consignes.csv et écrivez dans la troisième colonne ce que le PS doit faire"
    )
    return ATTENTION


def _shown(one: Entry, question: str) -> str:
    """Number and label, then what to do; click takes the marks out where stdout is no terminal."""
    label = f"{one.numero} — {one.libelle}"
    what = one.consigne or f"(sans consigne ; vu {words.pluriel(one.seen, 'fois', 'fois')} dans les retours NOEMIE)"
    lines = (wording.safe(line).replace("\n", " ") for line in (label, what))
    return "\n".join(dictionary.marked(line, question, _mark) for line in lines)


def _mark(word: str) -> str:
    return click.style(word, bold=True)


def _as_json(one: Entry) -> dict[str, object]:
    source = "retours" if one.seen else "dictionnaire"
    told = {"numero": one.numero, "libelle": one.libelle, "consigne": one.consigne, "motif": one.motif}
    return {**told, "source": source, "count": one.seen}
