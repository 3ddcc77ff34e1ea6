"""The rows of regles.yaml -> rules: every word of every row is looked up, and every fault is gathered.

Owns what a row may say: facts, motif, détail, erreur, named values, days, `reprend`. Never reads a file and raises
nothing: `Reader.faults` holds what is wrong, each with its place. What rows say together is looked at in lint.py.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from string import Formatter

from mailbot.configuration.document import Document, nearest
from mailbot.errors import Fault
from mailbot.model import Decision, Route, Saisie, Status
from mailbot.rules.book import Motif
from mailbot.rules.documents import LOST, ReglesFile, RuleBlock, VariantBlock
from mailbot.rules.facts import FACTS, MISSING_TABLE, NAMED
from mailbot.rules.facts.types import Fact, Named
from mailbot.rules.period import ALWAYS, Period
from mailbot.rules.rule import Outcome, Rule, Template, Test, Variant

Place = tuple[str | int, ...]

_NOT = "non "
#: What people write for it.
_DENIES = re.compile(r"(?:ne pas|pas|not|non|sans|no(?= )|!|-)[\s_-]*(\S+)", re.IGNORECASE)
#: An id is written into registers, file names and terminals.
NAME = re.compile(r"[A-Za-z0-9._-]*")
NAME_HINT = "lettres sans accent, chiffres, « . », « _ » et « - »"
_SAYS = ("motif", "route", "detail", "erreur", "date", "commentaire", "saisie", "statut")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as written and as understood. `at`: its number in the file, from 0. `clear`: every word of its
    conditions and days is understood, so that its rule says what the admin meant."""

    at: int
    block: RuleBlock
    rule: Rule
    clear: bool

    @property
    def speaks(self) -> bool:
        """It is switched on; a row that takes over nothing but rules that are switched off says nothing."""
        return self.block.actif and (self.rule.outcome is not None or bool(self.rule.takes_over))

    @property
    def guards(self) -> bool:
        """The row of A0, which stands for every rule whose reference table is missing."""
        return any(fact.name == MISSING_TABLE for fact, _ in self.rule.tests)


class Reader:
    """Reads the rows of one file. `catalogue` None: motifs.yaml cannot be read, so that no motif is looked up.

    `broken`: numbers of the rows of which something of a wrong shape was taken out; what seems to be missing from them
    may be there. `whole` False: rows are lost, so that a rule that seems to be unknown may be there.
    """

    def __init__(
        self, document: Document, catalogue: Mapping[str, Motif] | None, broken: Iterable[int] = (), whole: bool = True
    ) -> None:
        self.document = document
        self.catalogue = catalogue
        self.broken = frozenset(broken)
        self.whole = whole
        self.faults: list[Fault] = []
        self.motifs_to_ps: set[str] = set()
        self._unclear: set[int] = set(self.broken)

    def read(self, file: ReglesFile) -> list[Row]:
        """Every row, those that are switched off too."""
        self._check_ids(file.regles)
        plain = {at: self._rule(("regles", at), row) for at, row in enumerate(file.regles) if not row.reprend}
        versions: dict[str, list[Rule]] = {}
        for at, rule in plain.items():
            versions.setdefault(rule.id, []).extend([rule] if file.regles[at].actif else [])
        rules = (
            plain[at] if at in plain else self._taking_over(("regles", at), row, versions)
            for at, row in enumerate(file.regles)
        )
        return [
            Row(at, row, rule, at not in self._unclear)
            for at, (row, rule) in enumerate(zip(file.regles, rules, strict=True))
        ]

    # --- id and days ----------------------------------------------------------------------------------------------

    def _check_ids(self, rows: list[RuleBlock]) -> None:
        """Rows may share an id where no day of reception falls under two of them: they are versions of one rule."""
        earlier: dict[str, list[tuple[Place, Period]]] = defaultdict(list)
        for at, row in enumerate(rows):
            if row.id != LOST and not NAME.fullmatch(row.id):
                message = f"id {row.id!a} : signe qui n’a pas sa place dans un id"
                self._wrong(("regles", at, "id"), message, NAME_HINT)
            if not row.actif or row.id == LOST:
                continue
            place: Place = ("regles", at, "id")
            period = self._period(("regles", at), row)
            for other, days in earlier[row.id]:
                if days.overlaps(period):
                    self._twice(place, other, row.id, dated=not days == period == ALWAYS)
            earlier[row.id].append((place, period))

    def _twice(self, place: Place, other: Place, name: str, dated: bool) -> None:
        first = ":".join(map(str, (self.document.file, *self.document.word(other))))
        if dated:
            message = f"règle « {name} » : ses jours recouvrent ceux de l’autre règle « {name} » ({first})"
            self._wrong(place, message, "changez du ou au : pour chaque jour une seule des deux vaut")
        else:
            message = f"règle « {name} » écrite deux fois ({first})"
            self._wrong(place, message, "donnez-lui un autre id, ou à chacune ses jours avec du et au")

    def _period(self, path: Place, row: RuleBlock) -> Period:
        """The days of the row; all of them where they are wrong, which is a fault."""
        period = _days(row)
        if period.first > period.last:
            self._unclear.add(int(path[1]))
            message = f"règle {row.id} : elle finit le {row.au:%d/%m/%Y}, avant de commencer le {row.du:%d/%m/%Y}"
            self._wrong((*path, "au"), message, "au est le dernier jour, compris : échangez du et au")
            return ALWAYS
        if period != ALWAYS and MISSING_TABLE in row.si:
            message = f"règle {row.id} : elle vaut toujours, car elle parle pour toute règle sans ses référentiels"
            self._fault((*path, "du" if row.du else "au"), message, "retirez du et au")
        return period

    # --- rules ----------------------------------------------------------------------------------------------------

    def _rule(self, path: Place, row: RuleBlock) -> Rule:
        tests = self._tests((*path, "si"), row.si)
        outcome = self._outcome(path, row, None)
        variants = []
        for at, variant in enumerate(row.variantes):
            where = (*path, "variantes", at)
            chosen = self._tests((*where, "si"), variant.si)
            variants.append(Variant(chosen, self._outcome(where, row, variant)))
        all_tests = [*tests, *(test for variant in variants for test in variant.tests)]
        return Rule(
            row.id,
            tests,
            _needs(all_tests),
            outcome,
            tuple(variants),
            period=_days(row),
        )

    def _taking_over(self, path: Place, row: RuleBlock, versions: Mapping[str, list[Rule]]) -> Rule:
        """`versions`: the active rows without `reprend` by id; an id with none is of rows that are switched off."""
        tests = self._tests((*path, "si"), row.si)
        if row.variantes or any(getattr(row, key) is not None for key in _SAYS):
            self._fault(path, f"règle {row.id} : « reprend » dit tout, ni motif ni variantes à côté")
        taken: list[Rule] = []
        for at, name in enumerate(row.reprend):
            if name in row.reprend[:at] and name != LOST:
                self._wrong((*path, "reprend", at), f"règle « {name} » nommée deux fois", "nommez-la une seule fois")
            elif name == row.id and name not in versions:
                message = f"règle {name} : une règle ne se reprend pas elle-même"
                self._wrong((*path, "reprend", at), message, "retirez-la de « reprend »")
            elif name not in versions and name != LOST and self.whole:
                self._wrong((*path, "reprend", at), f"règle « {name} » inconnue", nearest(name, versions))
            taken += versions.get(name, ())
        return Rule(row.id, tests, _needs(tests), None, (), tuple(taken), _days(row))

    def _tests(self, path: Place, names: list[str]) -> tuple[Test, ...]:
        tests: list[tuple[Fact, bool]] = []
        for at, written in enumerate(names):
            name = written.removeprefix(_NOT).strip()
            fact = FACTS.get(name)
            if fact is not None:
                tests.append((fact, not written.startswith(_NOT)))
                continue
            self._unclear.add(int(path[1]))
            if name != LOST:
                hint = nearest(name, FACTS) if written.startswith(_NOT) else _denied(name) or nearest(name, FACTS)
                self._wrong((*path, at), f"fait « {name} » inconnu", hint, name)
        return tuple(tests)

    # --- what a row says ------------------------------------------------------------------------------------------

    def _outcome(self, path: Place, row: RuleBlock, variant: VariantBlock | None) -> Outcome:
        """What the row says, overridden by what the variant writes. What a variant inherits was looked up before."""
        said = {key: getattr(row, key) for key in _SAYS}
        own = set(_SAYS) if variant is None else variant.model_fields_set & set(_SAYS)
        if variant is not None:
            said.update({key: getattr(variant, key) for key in own})
            if "motif" in own and "route" not in own:
                said["route"] = None  # another motif brings its own route
        own |= {"erreur", "detail"} if own & {"motif", "statut"} else set()
        status = Status(said["statut"] or "refusee")
        motif = self._motif(path, row.id, said["motif"], status, own)
        erreur = self._erreur(path, row.id, said["erreur"], motif, own)
        detail, named_detail = self._detail((*path, "detail"), said["detail"], motif, own)
        route = None
        if status is Status.REFUSEE:
            route = Route(said["route"]) if said["route"] else (motif.route if motif else Route.GESTIONNAIRE)
            if route is Route.PS and motif:
                self.motifs_to_ps.add(motif.code)
        saisie = Saisie(said["saisie"] or "aucune")
        code = motif.code if motif else None
        base = Decision(status, row.id, code, route, detail, erreur, None, "", saisie)
        comment = self._template((*path, "commentaire"), said["commentaire"] or "", own)
        return Outcome(base, comment, self._date((*path, "date"), said["date"], own), named_detail)

    def _motif(self, path: Place, rule: str, code: str | None, status: Status, own: set[str]) -> Motif | None:
        if status is not Status.REFUSEE:
            if code is not None and own & {"motif", "statut"}:
                self._fault((*path, "motif"), f"règle {rule} : le statut {status.value} n’a pas de motif")
            return None
        if code is None:
            if own & {"motif", "statut"}:
                self._absence(path, f"règle {rule} : « motif » manque", "ou un statut acceptee ou a_saisir")
            return None
        if self.catalogue is None:
            return None
        if code not in self.catalogue and "motif" in own:
            self._wrong((*path, "motif"), f"motif « {code} » inconnu", nearest(code, self.catalogue))
        return self.catalogue.get(code)

    def _erreur(self, path: Place, rule: str, code: str | None, motif: Motif | None, own: set[str]) -> str | None:
        if "erreur" in own and motif:
            if code and code not in motif.erreurs:
                message = f"erreur « {code} » inconnue du motif {motif.code}"
                self._wrong((*path, "erreur"), message, _one_of(code, motif.erreurs, "erreur", motif.code))
            if motif.erreurs and not code:
                self._absence(
                    path, f"règle {rule} : le motif {motif.code} demande une « erreur »", nearest("", motif.erreurs)
                )
        return code or None

    def _detail(
        self, path: Place, written: str | None, motif: Motif | None, own: set[str]
    ) -> tuple[str | None, Named | None]:
        """A code of the motif, or a named value that gives one."""
        if not written or _braced(written):
            return None, self._named(path, written, "detail", own)
        if "detail" in own and motif and written not in motif.details:
            message = f"détail « {written} » inconnu du motif {motif.code}"
            self._wrong(path, message, _one_of(written, motif.details, "détail", motif.code))
        return written, None

    def _date(self, path: Place, written: str | None, own: set[str]) -> Named | None:
        if written and not _braced(written) and "date" in own:
            self._wrong(path, f"date « {written} » inattendue", "écrivez une valeur nommée entre { }")
            return None
        return self._named(path, written, "date", own)

    def _named(self, path: Place, written: str | None, use: str, own: set[str]) -> Named | None:
        """A field that is one named value in braces; None when it is not."""
        if not written or not _braced(written):
            return None
        name = written[1:-1].strip()
        allowed = {key: named for key, named in NAMED.items() if named.use == use}
        if name not in allowed and use in own:
            self._wrong(path, f"valeur nommée « {name} » inconnue ici", nearest(name, allowed), name)
        return allowed.get(name)

    def _template(self, path: Place, written: str, own: set[str]) -> Template:
        parts: list[str | Named] = []
        try:
            pieces = list(Formatter().parse(written))
        except ValueError:
            if "commentaire" in own:
                self._wrong(path, "accolades mal fermées dans le commentaire", "écrivez {nom_de_la_valeur}")
            return Template(())
        for literal, name, form, conversion in pieces:
            if literal:
                parts.append(literal)
            if name is None:
                continue
            if name in NAMED and not form and not conversion:
                parts.append(NAMED[name])
            elif "commentaire" in own:
                hint = nearest(name, NAMED) if name not in NAMED else f"écrivez {{{name}}} sans rien d’autre"
                self._wrong(path, f"valeur nommée « {name} » inconnue dans le commentaire", hint, f"{{{name}")
        return Template(tuple(parts))

    # --- faults ---------------------------------------------------------------------------------------------------

    def _fault(self, path: Place, message: str, hint: str = "") -> None:
        self.faults.append(self.document.fault(path, message, hint))

    def _wrong(self, path: Place, message: str, hint: str = "", part: str = "") -> None:
        self.faults.append(self.document.wrong(path, message, hint, part))

    def _absence(self, path: Place, message: str, hint: str = "") -> None:
        if path[1] not in self.broken:
            self._fault(path, message, hint)


def _denied(written: str) -> str:
    """The hint for a fact that is denied in other words than « non »: never the fact itself."""
    said = _DENIES.match(written)
    if not said:
        return ""
    close = difflib.get_close_matches(said[1], FACTS, n=1)
    likeness = [difflib.SequenceMatcher(None, word, one).ratio()
                for word in (said[1], written) for one in difflib.get_close_matches(word, FACTS, n=1)]  # fmt: skip
    return f"vouliez-vous dire « non {close[0]} » ?" if close and likeness[0] == max(likeness) else ""


def _days(row: RuleBlock) -> Period:
    return Period(row.du or date.min, row.au or date.max)


def _braced(written: str) -> bool:
    return written.startswith("{") and written.endswith("}")


def _one_of(code: str, known: Mapping[str, str], what: str, motif: str) -> str:
    return nearest(code, known) or f"le motif {motif} n’a pas de {what}"


def _needs(tests: Iterable[Test]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(table for fact, _ in tests for table in fact.tables))
