"""No profile lets out more than it says: every byte that leaves is looked through, for every kind of letter."""

from __future__ import annotations

import email
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from email import policy
from email.message import EmailMessage

import pytest
from pypdf import PdfReader

from mailbot.letters import answer, avis, bordereau, digest, rapport, receipt, relance, samples, textes
from mailbot.letters.lignes import House
from mailbot.letters.relance import Rappel
from mailbot.letters.retours import LigneRetour
from mailbot.model import Draft
from mailbot.model.retours import EtatPaiement, Raison
from tests.letters_house import MAIL, NIR, NOW, PS, TOKEN, Organisation, Privacy, bilan, house, ligne

MSSANTE = "contact@officine.mssante.fr"
PHRASE = "abcd-efgh-ijkl-mnop"
KEY = f"{97 - int(NIR) % 97:02d}"
#: What must not be read; digits are looked for with everything else taken out.
SECRETS = {"NIR": NIR, "clé": NIR + KEY, "début du NIR": NIR[:7], "naissance": "07031957", "naissance ISO": "19570307"}
WORDS = ("7 mars 1957", "07/03/57")

_TEXT = textes.Textes.of({"avis": "Objet : Nos horaires changent\nNous ouvrons à 9 h.\n"}, {}).named("avis")


@dataclass(frozen=True)
class Out:
    """One letter as it leaves: its headers, its parts decoded, and its closed PDF where it has one."""

    headers: str
    texts: str
    names: str
    closed: bytes | None


def read(draft: Draft) -> Out:
    message = email.message_from_bytes(draft.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    texts, names, closed = [], [], None
    for part in message.walk():
        if part.is_multipart():
            continue
        names.append(part.get_filename() or "")
        content = part.get_content()
        if part.get_content_type() == "application/pdf":
            reader = PdfReader(io.BytesIO(content))
            if reader.is_encrypted:
                closed = content
            else:
                texts.append(pdf_text(content))
        else:
            texts.append(content)
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    return Out(headers, "\n".join(texts), "\n".join(names), closed)


def pdf_text(content: bytes, password: str = "") -> str:
    reader = PdfReader(io.BytesIO(content), password=password or None)
    fields = reader.get_fields() or {}
    told = [str(reader.metadata), *(f"{name} {value}" for name, value in fields.items())]
    return "\n".join([*told, *(sheet.extract_text() for sheet in reader.pages)])


def leaks(text: str) -> list[str]:
    digits = re.sub(r"[^0-9]", "", text)
    found = [name for name, secret in SECRETS.items() if secret in digits]
    spaced = " ".join(text.split())
    return found + [word for word in WORDS if word in spaced]


ROWS = (
    ligne(limite=date(2028, 1, 28), rejet=1),
    ligne("124", "MANQUE_DETAIL", detail="DATE_FACTURE", rejet=2),
)
RETOUR = LigneRetour(PS, "131", "26100", NIR, "1957-03-07", EtatPaiement.REFUSEE, (Raison("1001", "REFUS", "F", "C"),))


def _bordereau(of: House, to: str) -> Draft:
    return bordereau.compose(
        of, contact=to, numero_ps=PS, raison_sociale="PHARMACIE DU PORT", lignes=ROWS, bilans=(bilan(),), index=1,
        total=1, token=TOKEN, now=NOW, key="k", retours=(RETOUR,), csv=True, phrase=PHRASE,
    )  # fmt: skip


def _report(of: House, to: str) -> Draft:
    signalled = tuple(replace(one, nir=NIR, date_naissance="1957-03-07") for one in samples.signalees()[:2])
    return rapport.compose(
        of, contact=to, numero_ps=PS, raison_sociale="X", bilans=(bilan("L1", 9, 0, 0),), signalees=signalled,
        trimestre=None, token=TOKEN, now=NOW, key="k",
    )  # fmt: skip


def _reminder(of: House, to: str) -> Draft:
    rappels = tuple(Rappel(row, date(2026, 1, 5)) for row in ROWS)
    return relance.compose(
        of, rappels, contact=to, numero_ps=PS, raison_sociale="X", last=False, token=TOKEN, now=NOW, key="k"
    )


def _notice(of: House, to: str) -> Draft:
    return avis.compose(
        of, _TEXT, to=to, numero_ps=PS, raison_sociale="X", registration_address=MAIL, token=TOKEN, now=NOW, key="k"
    )


def _digest(of: House, to: str) -> Draft:
    return digest.compose(of, samples.attentes(), to=to, token=TOKEN, now=NOW, key="k")


def _receipt(of: House, to: str) -> Draft:
    return receipt.compose(
        of.templates, of.organisation, of.outbox, samples.receipts()[1], contact=to, numero_ps=PS, raison_sociale="X",
        token=TOKEN, now=NOW, key="k",
    )  # fmt: skip


def _answer(of: House, to: str) -> Draft:
    values = answer.values(
        of.organisation, registration_address=MAIL, received=NOW, factures=("123",), numero_ps=PS, raison_sociale="X"
    )
    return answer.compose(
        of.templates, of.organisation, of.outbox, _TEXT, values=values, to=to, token=TOKEN, now=NOW, key="k"
    )


KINDS: dict[str, Callable[[House, str], Draft]] = {
    "bordereau": _bordereau, "rapport": _report, "relance": _reminder, "avis": _notice, "digest": _digest,
    "accuse": _receipt, "reponse": _answer,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("plain", ["masked", "encrypted", "full"])
@pytest.mark.parametrize("to", [MAIL, MSSANTE])
def test_nothing_leaves_that_the_profile_keeps_back(kind: str, plain: str, to: str) -> None:
    out = read(KINDS[kind](house(privacy=Privacy(plain=plain), pdf=True), to))
    assert leaks(out.headers) == [] and leaks(out.names) == []
    assert not re.search(r"(?i)lenoir|camille", out.headers + out.names)
    if kind == "bordereau" and (plain == "full" or to == MSSANTE):
        assert set(leaks(out.texts)) >= {"NIR", "naissance"}
        assert "clé" not in leaks(out.texts)
    else:
        assert leaks(out.texts) == []


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_bordereau_has_a_closed_pdf_and_only_where_it_is_asked_for(kind: str) -> None:
    for plain, to in (("encrypted", MAIL), ("encrypted", MSSANTE), ("masked", MAIL), ("full", MAIL)):
        out = read(KINDS[kind](house(privacy=Privacy(plain=plain), pdf=False), to))
        assert (out.closed is not None) is (kind == "bordereau" and plain == "encrypted" and to == MAIL)


def test_the_closed_pdf_says_all_to_who_knows_the_phrase_and_nothing_to_others() -> None:
    closed = read(_bordereau(house(privacy=Privacy(plain="encrypted")), MAIL)).closed
    assert closed is not None
    assert leaks(closed.decode("latin-1")) == []
    assert b"LENOIR" not in closed and b"Lenoir" not in closed
    reader = PdfReader(io.BytesIO(closed))
    assert not reader.decrypt("") and not reader.decrypt(PHRASE.upper()) and not reader.decrypt(PS)
    assert reader.decrypt(PHRASE)
    # AES-256 of PDF 2.0: algorithm 5, revision 6.
    assert (reader.trailer["/Encrypt"]["/V"], reader.trailer["/Encrypt"]["/R"]) == (5, 6)
    assert set(leaks(pdf_text(closed, PHRASE))) >= {"NIR", "naissance"}
    assert len(PdfReader(io.BytesIO(closed), password=PHRASE).get_fields() or {}) > 0


def test_the_mail_says_that_its_pdf_is_closed_and_where_the_phrase_is_from() -> None:
    said = " ".join(read(_bordereau(house(privacy=Privacy(plain="encrypted")), MAIL)).texts.split())
    assert "ouvrez-le avec la phrase secrète remise pour cette adresse" in said
    # Not by the way that it protects.
    assert "Vous ne l’avez pas ? Appelez-nous au 01 99 00 00 00 : elle ne se demande pas par mail." in said
    silent = house(privacy=Privacy(plain="encrypted"), organisation=Organisation(phone=""))
    assert "Demandez-la à notre service par téléphone" in " ".join(read(_bordereau(silent, MAIL)).texts.split())
    assert PHRASE not in said
    assert "sont masqués dans ce message" in said


def test_without_a_phrase_nothing_is_closed_and_nothing_is_shown() -> None:
    draft = bordereau.compose(
        house(privacy=Privacy(plain="encrypted"), pdf=True), contact=MAIL, numero_ps=PS, raison_sociale="X",
        lignes=ROWS, bilans=(), index=1, total=1, token=TOKEN, now=NOW, key="k",
    )  # fmt: skip
    out = read(draft)
    assert out.closed is None and leaks(out.texts) == [] and "secrète" not in out.texts
