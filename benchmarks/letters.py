"""A bordereau against Jinja, MJML and premailer from scratch: the limits of issue 6.

10,000 bordereaux of one to ten refused invoices, with the shipped configuration and its invented people. For one letter
in a hundred the page is also made the long way (Jinja, then MJML, then premailer: `render.slow_html`), in turns with
ours, so that both meet the same machine. Two ratios of seconds per letter: our page against the long way (at most a
fifth), and the whole letter (what is shown, page, text part, MIME bytes; no PDF) against two pages made the long way.
For information, the whole letter against our own page too.
Exit code 1 when a limit is missed. `--count N` takes fewer letters, `--scratch N` another share for the long way.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mailbot.configuration import folder
from mailbot.letters import bordereau, page, render, samples
from mailbot.letters.lignes import House, Ligne

MAX_PAGE = 1 / 5
MAX_LETTER = 2.0
_MAX_ROWS = 10
_SEED = 20260201
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass
class Spent:
    """Seconds and letters."""

    seconds: float = 0.0
    letters: int = 0

    @property
    def each(self) -> float:
        return self.seconds / self.letters

    def told(self, what: str) -> str:
        return f"{what:34} {self.each * 1e3:8.2f} ms, {1 / self.each:8.0f} par seconde  ({self.letters} courriers)"


def main() -> int:
    parser = argparse.ArgumentParser(description="Mesure un bordereau face à Jinja, MJML et premailer.")
    parser.add_argument("--count", type=int, default=10_000, help="nombre de bordereaux")
    parser.add_argument("--scratch", type=int, default=100, help="un courrier sur N est aussi fait par le long chemin")
    options = parser.parse_args()
    house = dataclasses.replace(folder.load(folder.shipped()).house, pdf=False)
    ours, whole, scratch, showing = Spent(), Spent(), Spent(), Spent()
    size = 0
    say(f"{options.count} bordereaux d’une à {_MAX_ROWS} factures refusées…")
    for number, shown in enumerate(_letters(house, options.count)):
        context = _timed(showing, lambda shown=shown: page.context(house, **shown))
        html = _timed(ours, lambda context=context: house.templates.html("bordereau", context))
        draft = _timed(whole, lambda shown=shown, key=f"{number}": bordereau.compose(house, key=key, **shown))
        size += len(draft.raw)
        if number % options.scratch == 0:
            slow = _timed(
                scratch, lambda context=context: render.slow_html(house.templates.files, "bordereau", context)
            )
            if abs(len(slow) - len(html)) > 0.02 * len(slow):
                say("les deux pages n’ont pas la même taille : la mesure ne vaut rien")
                return 1
    return _tell(showing, ours, whole, scratch, size)


def _tell(showing: Spent, ours: Spent, whole: Spent, scratch: Spent, size: int) -> int:
    say(f"taille moyenne d’un courrier : {size / whole.letters / 1000:.0f} Ko")
    say(scratch.told("Jinja + MJML + premailer"))
    say(showing.told("ce qui est montré"))
    say(ours.told("notre page"))
    say(whole.told("le courrier entier, sans PDF"))
    of_page, of_letter = ours.each / scratch.each, whole.each / scratch.each
    say(f"page / long chemin              {of_page:.3f}  (limite {MAX_PAGE:.2f})")
    say(f"courrier entier / long chemin   {of_letter:.3f}  (limite {MAX_LETTER:.0f})")
    say(f"courrier entier / notre page    {whole.each / ours.each:.1f}  (pour information)")
    of_both = whole.each / (showing.each + ours.each)
    say(f"courrier entier / page, de ce qui est montré à la page  {of_both:.1f}  (pour information)")
    missed = [
        name
        for name, is_missed in (("page", of_page > MAX_PAGE), ("courrier entier", of_letter > MAX_LETTER))
        if is_missed
    ]
    say(f"limites manquées : {', '.join(missed)}" if missed else "les limites sont tenues")
    return 1 if missed else 0


def _letters(house: House, count: int) -> Iterator[dict[str, Any]]:
    """What `bordereau.compose` is given for each letter, but for its key. Each is of a PS of its own, with an address,
    patients, amounts and days of its own: what is remembered from one letter to the next must not flatter us."""
    chance = random.Random(_SEED)
    known = samples.lignes(house)
    for number in range(count):
        numero_ps = f"{750000000 + number}"
        some = chance.choices(known, k=chance.randint(1, _MAX_ROWS))
        yield {
            "contact": f"contact{number}@pharmacie-{number % 97}.example.fr",
            "numero_ps": numero_ps,
            "raison_sociale": f"{samples.RAISON_SOCIALE} {number}",
            "lignes": tuple(_ligne(chance, one, numero_ps, f"{number:05}{at:02}") for at, one in enumerate(some)),
            "bilans": (),
            "index": 1,
            "total": 1,
            "token": "".join(chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=26)),
            "now": samples.NOW,
        }


def _ligne(chance: random.Random, one: Ligne, numero_ps: str, numero: str) -> Ligne:
    """A sample row, made somebody else's."""
    total = chance.randint(100, 500_000)
    return dataclasses.replace(
        one,
        numero_ps=numero_ps,
        numero_facture=numero,
        rejet=int(numero),
        nir=f"{chance.randint(1, 2)}{chance.randrange(10**12):012}" if one.nir else "",
        critere_archivage=f"{chance.randrange(10**10):010}",
        nom=f"{one.nom}{chance.choice(_LETTERS)}{chance.choice(_LETTERS)}",
        date_naissance=f"{chance.randint(1930, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        montant_total=total if one.montant_total is not None else None,
        part_rc=total * 3 // 10 if one.part_rc is not None else None,
        date=one.date and one.date - timedelta(days=chance.randrange(600)),
        limite=one.limite and one.limite - timedelta(days=chance.randrange(600)),
        commentaire=f"{chance.randrange(10**6)}" if one.commentaire else "",
    )


def _timed(spent: Spent, work: Any) -> Any:
    started = time.perf_counter()
    made = work()
    spent.seconds += time.perf_counter() - started
    spent.letters += 1
    return made


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
