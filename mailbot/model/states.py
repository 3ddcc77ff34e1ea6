"""The French names of the states of mails, files, invoices, refusals, letters and inscriptions: what a person reads."""

from __future__ import annotations

#: State -> its name; also what an attempt at a letter came to.
NAMES: dict[str, str] = {
    "received": "à traiter",
    "settled": "réglé",
    "parked": "à revoir",
    "recue": "reçue",
    "decidee": "décidée",
    "informee": "PS informé",
    "corrigee": "corrigée",
    "acceptee": "acceptée",
    "a_saisir": "à saisir",
    "close": "close",
    "ouvert": "ouvert",
    "repondu": "réponse à lire",
    "clos": "clos",
    "queued": "en attente",
    "busy": "serveur occupé",
    "held": "retenu",
    "sending": "en cours d’envoi",
    "sent": "envoyé",
    "unknown": "en doute",
    "dead": "impossible",
    "bounced": "revenu",
    "demandee": "demandée",
    "confirmee": "confirmée",
    "active": "active",
    "remplacee": "remplacée",
    "resiliee": "résiliée",
    "rebond": "en rebond",
    "refusee": "refusée",
    "contestee": "contestée",
    "expiree": "expirée",
    "sans_suite": "sans suite",
}
