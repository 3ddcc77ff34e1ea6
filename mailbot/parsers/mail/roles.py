"""What somebody says that an address is for, and whether it takes the place of another. Pure; never raises.

A role counts where it is said of the address or its owner, not where a word of it falls by: "dans l’attente de votre
retour" and the signature "Secrétariat du Dr X" say nothing. Of several roles the first of `_SAID` counts. The texts
come folded (`spelling`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailbot.model.inscriptions import Role

_NOT = re.compile(
    r"(?:\b(?:pas|ni|sans|sauf|hors|hormis|non|aucune?|plus|attente|suite|ancien(?:ne)?)\b(?: \w{1,8}){0,4}[' ]{0,2})$"
)
_FOR = (
    r"(?:pour|concernant|recevoir|recoit|recevra|recevront|relative?s? a(?:ux)?|service|reservee? (?:a|aux)"
    r"|destinee? (?:a|aux)|dedie?e? (?:a|aux)|uniquement|seulement|adresse|mail|e-mail|gere|gerer|suivi|suit|traite"
    r"|envoyer|adresser|transmettre)"
)
_SAID = (
    (
        Role.REMPLACANT,
        re.compile(
            r"\bremplacante?s?\b|\bje (?:le |la |vais |vous informe que je )?remplac(?:e|erai|er)\b(?! (?:l'|la |mon "
            r"|notre |cette |ma )?"
            r"(?:ancien|adresse|mail|e-mail|boite|celle|precedent))"
            r"|\b(?:en|son|mon|un|ce|du|assure le|pendant (?:le|mon)) remplacement (?:de |du |d'|au |chez )"
            r"(?!(?:l'|la |mon |notre |cette |ma )?(?:ancien|adresse|mail|e-mail|boite|celle|precedent))"
        ),
    ),
    (
        Role.RETOURS,
        re.compile(
            r"\b(?:les|vos|des|nos|mes|aux) retours?\b|\bretours? (?:noemie|tiers|de (?:paiement|facturation|facture"
            r"|lot|flux))"
            r"|\bretours\b|\brejets\b|\bbordereaux?\b|\bpaiements\b|\b(?:avis|etats?|suivi) (?:de|des) (?:paiements?"
            r"|virements?|reglements?)"
        ),
    ),
    (
        Role.PRISES_EN_CHARGE,
        re.compile(
            rf"\b{_FOR}\b[^.!?\n]{{0,40}}?(?:\bprises? en charges?\b|\bpec\b|\bdevis\b)"
            r"|\b(?:les|vos|nos) (?:prises en charge|pec|devis)\b|\b(?:prises en charge|pec|devis) (?:uniquement"
            r"|seulement|exclusiv)"
        ),
    ),
    (
        Role.SECRETARIAT,
        re.compile(
            r"\b(?:adresse|mail|e-mail|email|boite|messagerie|courriel)\b[^.!?\n]{0,30}\b(?:du|de notre|de mon|de la"
            r"|de l'|le|notre)[' ]?(?:secretariat|secretaire|accueil)"
            r"|\b(?:je suis|etant|en tant que|en qualite de) (?:la |le |sa |son |une? )?secretaires?\b"
            r"|\b(?:c'est|est|ceci est|voici) (?:celle (?:du|de) |l'adresse (?:du|de) |le |la |notre |mon )?(?:la "
            r"|l')?(?:secretariat|secretaire|accueil)\b"
            r"|\b(?:notre|le|mon|au) secretariat\b"
        ),
    ),
)
_BARE = (
    (Role.REMPLACANT, re.compile(r"\bremplac")),
    (Role.RETOURS, re.compile(r"\b(?:retours?|rejets?|bordereaux?|paiements?)\b")),
    (Role.PRISES_EN_CHARGE, re.compile(r"\b(?:prises? en charges?|pec|devis)\b")),
    (Role.SECRETARIAT, re.compile(r"\b(?:secretariat|secretaires?|accueil)\b")),
)
_ADDRESS = r"(?:adresses?|mails?|e-?mails?|mels?|courriels?|boites?|messageries?)"
_OLD = r"(?:ancien(?:ne)?|precedent(?:e)?|vieille|actuelle)"
_CHANGES = re.compile(
    rf"\bremplac\w{{0,6}} (?:l'|la |mon |notre |cette |ma |votre )?(?:{_OLD} )?(?:{_ADDRESS}|{_OLD})\b"
    rf"|\b(?:a la place|au lieu) (?:de|d')|\b(?:nouvelle|nouveau) {_ADDRESS}\b"
    rf"|\b{_ADDRESS} (?:\w{{1,14}} ){{0,3}}(?:a |est )?chang"
    rf"|\bchang\w{{0,6}} (?:de |d'|notre |mon |l'|ma )?(?:{_ADDRESS})\b|\bchangement (?:de |d')?(?:coordonnees"
    rf"|contact|{_ADDRESS})|^changement[^\w\n]{{0,9}}$"
    rf"|\b(?:modifi|actualis|mettre a jour|mise a jour)\w* (?:de |d'|mon |notre |l'|ma |la )*{_ADDRESS}\b"
    rf"|\b(?:{_OLD}) {_ADDRESS}\b|\b{_ADDRESS} (?:n'est plus|ne fonctionne plus|ne sert plus)",
    re.MULTILINE,
)
_ADDS = re.compile(
    r"\ben plus\b(?! (?:tot|tard))|\ben complement\b|\ben supplement\b"
    rf"|\b(?:seconde?|deuxieme|2e|2eme|2nde|supplementaire) {_ADDRESS}\b|\b{_ADDRESS} supplementaires?\b"
    rf"|\bautre {_ADDRESS}\b[^.!?\n]{{0,30}}\b(?:egalement|aussi)\b|\b(?:egalement"
    rf"|aussi) (?:\w{{1,12}} ){{0,4}}(?:autre|cette|a cette|l'|une?) ?{_ADDRESS}\b"
    rf"|\bajout\w{{0,3}} (?:moi )?(?:aussi|egalement)\b|\bajout\w{{0,3}} (?:\w{{1,12}} ){{0,2}}{_ADDRESS}\b"
    r"|\ben (?:conservant|gardant)\b|\btout en (?:conserv|gard)|\b(?:conserve|garde)[rz]? (?:\w{1,10} ){0,2}(?:l'|la "
    r"|les )?(?:ancien|actuel|premier|autre)"
)


def said(text: str) -> Role | None:
    """The role that a text gives to the address."""
    return _first(_SAID, text)


def filled(value: str) -> Role | None:
    """The role that stands behind its label in our form."""
    return _first(_BARE, value)


def changes(text: str) -> bool:
    """The address takes the place of another one."""
    return _CHANGES.search(text) is not None


def adds(text: str) -> bool:
    """The address stands beside the present one."""
    return _ADDS.search(text) is not None


def _first(roles: Iterable[tuple[Role, re.Pattern[str]]], text: str) -> Role | None:
    found = (role for role, words in roles for one in words.finditer(text) if not _denied(text, one.start()))
    return next(found, None)


def _denied(text: str, place: int) -> bool:
    return _NOT.search(text[max(0, place - 40) : place].rpartition("\n")[2]) is not None
