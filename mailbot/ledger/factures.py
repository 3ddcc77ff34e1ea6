"""An invoice as JSON text and back: how a Facture is kept in the ledger, exactly."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from mailbot.model import Acte, Facture, Recapitulatif

_FIELDS = tuple(field.name for field in dataclasses.fields(Facture))


def to_text(facture: Facture) -> str:
    """Stable text: two invoices with the same values give the same text, so that it also tells whether they differ."""
    return json.dumps({name: getattr(facture, name) for name in _FIELDS}, ensure_ascii=False, default=_plain)


def from_text(text: str) -> Facture:
    values: dict[str, Any] = orjson.loads(text)
    values["date_reception"] = date.fromisoformat(values["date_reception"])
    values["date_facture"] = _date(values["date_facture"])
    values["taux_ro"] = _decimal(values["taux_ro"])
    values["actes"] = tuple(_acte(acte) for acte in values["actes"])
    second = values["recapitulatif"]
    values["recapitulatif"] = second and Recapitulatif(
        montant_total=second["montant_total"],
        part_rc_demandee=second["part_rc_demandee"],
        actes=tuple(_acte(acte) for acte in second["actes"]),
    )
    # Invoices that were written before there were warnings have none.
    values["avertissements"] = tuple(values.get("avertissements", ()))
    return Facture(**values)


def _plain(value: object) -> object:
    return dataclasses.asdict(value) if isinstance(value, Recapitulatif) else str(value)


def _acte(columns: list[Any]) -> Acte:
    code, soins, coefficient, quantite, prix, montant, ro, rc, adeli = columns
    return Acte(code, _date(soins), _decimal(coefficient), _decimal(quantite), prix, montant, ro, rc, adeli)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=1024)
def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
