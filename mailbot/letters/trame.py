"""The Trame workbook: what goes to the gestionnaire, as XLSX.

Owns: its sheets (more where returns of payment or answers of PS have to be seen), their columns and cell types.
Identifiers are text, always: never numbers, never formulas. Dates are real dates shown JJ/MM/AAAA. Pure: `now` is an
argument and the only date inside the file. Colours, drop-down lists and protection hang on `Colonne` (one place per
column). Raises nothing: values from outside are made inert. Known limit: Excel's 1,048,576 rows a sheet.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from mailbot.letters import words
from mailbot.letters.lignes import Libelles
from mailbot.model import Decision, Facture, Refus, ReplyAct, Route, Saisie, Status
from mailbot.model.references import Agaps
from mailbot.model.retours import EtatPaiement, Retour

SHEET_MOTIFS = "Motifs externalisés"
SHEET_SAISIE = "À saisir"
SHEET_REFUS = "Refusés à l’entrée"
SHEET_RETOURS = "Retours NOEMIE"
SHEET_REPONSES = "Réponses des PS"
_MAX_CELL = 2000


@dataclass(frozen=True, slots=True)
class Cas:
    """One decided invoice as the gestionnaire gets it. Amounts in centimes; codes as in the catalogue; `reponse` is
    what the PS is (or would be) told, in one line; `agaps` and `mail` are where it can be reached."""

    numero_lot: str
    date_reception: date
    critere_archivage: str
    numero_ps: str
    nir: str
    numero_facture: str
    date_facture: date | None
    montant_total: int | None
    part_rc: int | None
    status: Status
    motif: str
    route: Route | None
    detail: str
    erreur: str
    date: date | None
    commentaire: str
    saisie: Saisie
    reponse: str = ""
    mail: str = ""
    agaps: Agaps | None = None

    @classmethod
    def of(cls, facture: Facture, decision: Decision, agaps: Agaps | None, mail: str, reponse: str = "") -> Cas:
        """From an invoice, its decision, and the directory's row of its PS."""
        return cls(
            numero_lot=facture.numero_lot,
            date_reception=facture.date_reception,
            critere_archivage=facture.critere_archivage,
            numero_ps=facture.numero_ps,
            nir=facture.nir,
            numero_facture=facture.nom_facture,
            date_facture=facture.date_facture,
            montant_total=facture.montant_total,
            part_rc=facture.part_rc_demandee,
            status=decision.status,
            motif=decision.motif or "",
            route=decision.route,
            detail=decision.detail or "",
            erreur=decision.erreur or "",
            date=decision.date,
            commentaire=decision.commentaire,
            saisie=decision.saisie,
            reponse=reponse,
            mail=mail,
            agaps=agaps,
        )


@dataclass(frozen=True, slots=True)
class CasRetour:
    """One return of payment that somebody has to look at. `facture` and `agaps` None: no invoice of ours, no such PS;
    `suite` says in French why there is none, or what became of it."""

    retour: Retour
    etat: EtatPaiement
    suite: str
    facture: Facture | None = None
    agaps: Agaps | None = None


@dataclass(frozen=True, slots=True)
class CasReponse:
    """What a PS said about one refused invoice in a mail: its act, and its own words. `jour` it came."""

    cas: Cas
    act: ReplyAct
    words: str
    jour: date
    mail: int


Value = str | date | int | None


@dataclass(frozen=True, slots=True)
class Colonne:
    """One column: heading, width in characters, and the value of a row (text, date, centimes as `Montant`, None)."""

    titre: str
    largeur: int
    valeur: Callable[[Any], Value]
    montant: bool = False


def colonnes(payeur: str, libelles: Libelles) -> tuple[Colonne, ...]:
    """The 26 columns of the first sheet, in the order of data.md, with the payer's own name."""

    def of_agaps(name: str) -> Callable[[Cas], Value]:
        return lambda cas: str(getattr(cas.agaps, name)) if cas.agaps else ""

    def only(motif: str) -> Callable[[Cas], Value]:
        return lambda cas: cas.commentaire if cas.motif == motif else ""

    def nothing(_cas: Cas) -> Value:
        return None

    return (
        Colonne("opérateur SSTT", 14, nothing),
        Colonne("SSTT – traité le", 13, nothing),
        Colonne(f"gestionnaire {payeur}", 16, nothing),
        Colonne(f"{payeur} – traité le", 14, nothing),
        Colonne("critère d'archivage", 13, lambda cas: cas.critere_archivage),
        Colonne("n° PS", 11, lambda cas: cas.numero_ps),
        Colonne("numéro de sécurité sociale", 16, lambda cas: cas.nir),
        Colonne("numéro de la facture", 14, lambda cas: cas.numero_facture),
        Colonne("réponse à votre réclamation", 44, lambda cas: cas.reponse),
        Colonne("motif de traitement", 30, lambda cas: libelles.motifs.get(cas.motif, cas.motif)),
        Colonne("manque détail", 24, lambda cas: libelles.details.get(cas.detail, cas.detail)),
        Colonne("date", 11, lambda cas: cas.date),
        Colonne("erreur contenu facture", 30, lambda cas: libelles.erreurs.get(cas.erreur, cas.erreur)),
        Colonne("montant demandé <> calculé", 26, only("MONTANT_DIFFERENT")),
        Colonne("part RC demandée <> calculée", 26, only("PART_RC_DIFFERENTE")),
        Colonne("commentaires complémentaires", 34, lambda cas: cas.commentaire),
        Colonne("raison sociale du PS", 28, of_agaps("raison_sociale")),
        Colonne("mail du PS", 30, lambda cas: cas.mail),
        Colonne("fax du PS", 13, of_agaps("fax")),
        Colonne("n° dans la voie", 8, of_agaps("numero_voie")),
        Colonne("complément au n°", 12, of_agaps("complement_numero")),
        Colonne("type de voie", 11, of_agaps("type_voie")),
        Colonne("libellé de voie", 26, of_agaps("libelle_voie")),
        Colonne("complément adresse", 22, of_agaps("complement_adresse")),
        Colonne("code postal", 8, of_agaps("code_postal")),
        Colonne("commune", 22, of_agaps("commune")),
    )


_SAISIES = {Saisie.SAISIR: "à saisir", Saisie.DEMATERIALISER: "à dématérialiser (refusée)"}


def colonnes_saisie(libelles: Libelles) -> tuple[Colonne, ...]:
    """The list to enter."""
    return (
        Colonne("saisie", 24, lambda cas: _SAISIES.get(cas.saisie, cas.saisie.value)),
        Colonne("numéro du lot", 14, lambda cas: cas.numero_lot),
        Colonne("lot reçu le", 11, lambda cas: cas.date_reception),
        Colonne("critère d'archivage", 13, lambda cas: cas.critere_archivage),
        Colonne("n° PS", 11, lambda cas: cas.numero_ps),
        Colonne("raison sociale du PS", 28, lambda cas: cas.agaps.raison_sociale if cas.agaps else ""),
        Colonne("numéro de sécurité sociale", 16, lambda cas: cas.nir),
        Colonne("numéro de la facture", 14, lambda cas: cas.numero_facture),
        Colonne("date de la facture", 11, lambda cas: cas.date_facture),
        Colonne("montant total", 12, lambda cas: cas.montant_total, montant=True),
        Colonne("part RC demandée", 12, lambda cas: cas.part_rc, montant=True),
        Colonne("motif de traitement", 30, lambda cas: libelles.motifs.get(cas.motif, cas.motif)),
        Colonne("commentaires complémentaires", 34, lambda cas: cas.commentaire),
    )


_COLONNES_REFUS = (
    Colonne("fichier", 30, lambda refus: refus.fichier),
    Colonne("ligne", 8, lambda refus: str(refus.ligne) if refus.ligne else ""),
    Colonne("colonne", 18, lambda refus: refus.colonne),
    Colonne("valeur (masquée)", 22, lambda refus: refus.valeur),
    Colonne("raison", 60, lambda refus: refus.raison),
    Colonne("facture refusée", 16, lambda refus: refus.facture),
)


def _lines(values: Iterable[str]) -> str:
    """Each value once, in order."""
    return " ; ".join(dict.fromkeys(value for value in values if value))


def _nir(cas: CasRetour) -> str:
    return cas.facture.nir if cas.facture else (cas.retour.nirs or ("",))[0]


_COLONNES_RETOURS = (
    Colonne("état du paiement", 20, lambda cas: words.ETATS_PAIEMENT[cas.etat]),
    Colonne("suite", 26, lambda cas: cas.suite),
    Colonne("jour du retour", 11, lambda cas: cas.retour.jour),
    Colonne("n° PS", 11, lambda cas: cas.facture.numero_ps if cas.facture else cas.retour.numero_ps),
    Colonne("raison sociale du PS", 28, lambda cas: cas.agaps.raison_sociale if cas.agaps else ""),
    Colonne("numéro du lot", 14, lambda cas: cas.facture.numero_lot if cas.facture else cas.retour.numero_lot),
    Colonne("numéro de la facture", 14, lambda cas: cas.retour.numero_facture),
    Colonne("numéro de sécurité sociale", 16, _nir),
    Colonne("RO demandé", 11, lambda cas: cas.retour.ro and cas.retour.ro.demande, montant=True),
    Colonne("RO payé", 11, lambda cas: cas.retour.ro and cas.retour.ro.paye, montant=True),
    Colonne("RC demandé", 11, lambda cas: cas.retour.rc and cas.retour.rc.demande, montant=True),
    Colonne("RC payé", 11, lambda cas: cas.retour.rc and cas.retour.rc.paye, montant=True),
    Colonne("codes", 14, lambda cas: _lines(raison.code for raison in cas.retour.raisons)),
    Colonne("libellés", 50, lambda cas: _lines(raison.libelle for raison in cas.retour.raisons)),
    Colonne("commentaires du retour", 40, lambda cas: _lines(cas.retour.commentaires)),
)


_COLONNES_REPONSES = (
    Colonne("réponse du PS", 16, lambda reponse: str(reponse.act)),
    Colonne("ses mots", 70, lambda reponse: reponse.words),
    Colonne("reçue le", 11, lambda reponse: reponse.jour),
    Colonne("n° du mail", 10, lambda reponse: str(reponse.mail)),
    Colonne("n° PS", 11, lambda reponse: reponse.cas.numero_ps),
    Colonne("raison sociale du PS", 28, lambda reponse: reponse.cas.agaps.raison_sociale if reponse.cas.agaps else ""),
    Colonne("numéro du lot", 14, lambda reponse: reponse.cas.numero_lot),
    Colonne("numéro de la facture", 14, lambda reponse: reponse.cas.numero_facture),
    Colonne("numéro de sécurité sociale", 16, lambda reponse: reponse.cas.nir),
    Colonne("montant total", 12, lambda reponse: reponse.cas.montant_total, montant=True),
    Colonne("part RC demandée", 12, lambda reponse: reponse.cas.part_rc, montant=True),
)


def export(
    cas: Iterable[Cas],
    refus: Iterable[Refus],
    *,
    payeur: str,
    libelles: Libelles,
    now: datetime,
    retours: Sequence[CasRetour] = (),
    reponses: Sequence[CasReponse] = (),
) -> bytes:
    """The workbook. Every refusal stands on the first sheet whatever its route; what is to enter (`a_saisir`, and the
    refusals to dematerialise) on the second; rows refused at the door on the third; returns of payment, where there
    are any, on a fourth; what PS answered, where they did, on a fifth. Rows keep the order given."""
    every = tuple(cas)
    payeur = words.inert(payeur, 40)
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "dd/mm/yyyy",
        },
    )
    book.set_properties({"title": "Trame", "author": payeur, "created": now.replace(tzinfo=None)})
    formats = _Formats.of(book)
    refused = [one for one in every if one.status is Status.REFUSEE]
    to_enter = [one for one in every if one.status is Status.A_SAISIR or one.saisie is Saisie.DEMATERIALISER]
    _sheet(book, formats, SHEET_MOTIFS, colonnes(payeur, libelles), refused)
    _sheet(book, formats, SHEET_SAISIE, colonnes_saisie(libelles), to_enter)
    _sheet(book, formats, SHEET_REFUS, _COLONNES_REFUS, tuple(refus))
    if retours:
        _sheet(book, formats, SHEET_RETOURS, _COLONNES_RETOURS, retours)
    if reponses:
        _sheet(book, formats, SHEET_REPONSES, _COLONNES_REPONSES, reponses)
    book.close()
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class _Formats:
    head: Any
    text: Any
    day: Any
    amount: Any

    @classmethod
    def of(cls, book: Any) -> _Formats:
        base = {"font_name": "Calibri", "font_size": 10, "valign": "top", "border": 1, "border_color": "#D9E0E7"}
        head = {"bold": True, "bg_color": "#0A5A6C", "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter"}
        return cls(
            head=book.add_format({**base, **head}),
            # Format "@" keeps a text a text when the gestionnaire edits the cell.
            text=book.add_format({**base, "num_format": "@", "text_wrap": True}),
            day=book.add_format({**base, "num_format": "dd/mm/yyyy", "align": "left"}),
            amount=book.add_format({**base, "num_format": "#,##0.00"}),
        )


def _sheet(book: Any, formats: _Formats, name: str, columns: Sequence[Colonne], rows: Sequence[Any]) -> None:
    sheet = book.add_worksheet(name)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.largeur)
        sheet.write_string(0, at, column.titre, formats.head)
    sheet.set_row(0, 46)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(8 if len(columns) > 20 else 9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&RPage &P / &N")
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    for line, row in enumerate(rows, 1):
        for at, column in enumerate(columns):
            _cell(sheet, line, at, column.valeur(row), column.montant, formats)


def _cell(sheet: Any, line: int, at: int, value: Value, amount: bool, formats: _Formats) -> None:
    if value is None or value == "":
        sheet.write_blank(line, at, None, formats.text)
    elif isinstance(value, date):
        sheet.write_datetime(line, at, value, formats.day)
    elif isinstance(value, int) and amount:
        sheet.write_number(line, at, value / 100, formats.amount)
    else:
        sheet.write_string(line, at, words.inert(str(value), _MAX_CELL), formats.text)
