"""The words of a registration: what each step tells one person.

Owns: wording only. Who is told, when, and whether an address may be written to at all, is the shell's. Nothing of a
case stands here: PS numbers, the name of the PS, an address, dates. `CHANGED` never shows the new address in full.
Pure; total.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from mailbot.letters import echo, words
from mailbot.letters import inscription_parts as parts
from mailbot.letters.inscription_parts import Action, Choix, House, Liste, Said, Step, Told
from mailbot.letters.words import NBSP
from mailbot.model.inscriptions import FORM_DATES, FORM_NUMEROS, FORM_ROLE, Role


def say(told: Told, house: House) -> Said:
    """The page of this step."""
    return _STEPS[told.step](told, house)


def _confirm(told: Told, house: House) -> Said:
    alone = "Rien d’autre ne sera nécessaire : l’adresse sera active dès votre réponse."
    return Said(
        "Confirmez votre adresse",
        "Il suffit de répondre OUI à ce message.",
        (f"Cette adresse nous a demandé de recevoir {parts.asked(told)}.",),
        parts.facts(told),
        parts.listed("Il faudra encore", told.missing),
        Action(
            f"À faire{parts.before(told)}",
            ("Vous êtes à l’origine de cette demande ? Répondez à ce message en écrivant seulement OUI.",),
            (Choix("Oui, c’est ma demande", ("OUI",)),),
        ),
        (
            *(() if told.missing else (alone,)),
            "Vous n’avez rien demandé ? Ne répondez pas : sans votre réponse, rien n’est enregistré.",
        ),
    )


def _agree(told: Told, house: House) -> Said:
    asks = "s’enregistrer pour vous" if told.role is Role.PRISES_EN_CHARGE else "recevoir vos bordereaux"
    known = f"Nous vous écrivons à l’adresse que nous connaissons pour votre n°{NBSP}PS. "
    if told.named:
        title = "Voulez-vous enregistrer l’adresse que vous nommez ?"
        why = f"Votre message nomme une autre adresse. Doit-elle recevoir {parts.asked(told)} ?"
    else:
        title = f"Une adresse demande à {asks}"
        why = f"Une autre adresse demande à recevoir {parts.asked(told)} :"
    return Said(
        title,
        "Nous n’enregistrons rien sans votre accord.",
        (known + why,),
        parts.facts(told, "Vous nommez" if told.named else "Elle demande"),
        (),
        Action(
            f"À faire{parts.before(told)}",
            (
                "Répondez à ce message en écrivant seulement OUI pour accepter, ou NON pour refuser.",
                "Les bordereaux parlent de vos patients : dites OUI seulement si vous connaissez cette adresse.",
            ),
            (Choix("Oui, j’accepte", ("OUI",)), Choix("Non, je refuse", ("NON",), fort=False)),
        ),
        (_if_yes(told), "Si vous ne répondez pas, rien ne change.", *parts.call(house, "Un doute")),
    )


def _if_yes(told: Told) -> str:
    if told.role is Role.REMPLACANT:
        return "Si vous acceptez, vos bordereaux iront à cette adresse pendant le remplacement, puis de nouveau ici."
    if told.role is Role.PRISES_EN_CHARGE:
        return (
            "Si vous acceptez, cette adresse pourra nous écrire pour vos prises en charge. "
            "Cela ne change rien à l’envoi de vos bordereaux."
        )
    if told.replaces:
        return "Si vous acceptez, vos bordereaux iront à cette adresse et n’arriveront plus ici."
    return "Si vous acceptez, nous vous écrirons pour vous dire ce qui change."


def _form(told: Told, house: House) -> Said:
    fields = _fields(told)
    known = _known(told, fields)
    return Said(
        "Il nous manque une précision",
        "Complétez quelques lignes et renvoyez-les.",
        ("Nous avons bien reçu votre demande, mais nous ne pouvons pas encore enregistrer cette adresse.",),
        parts.facts(told),
        (
            *parts.listed("Ce qui manque", told.missing or (_MISSING[one] for one in fields if _needed(one, told))),
            *parts.listed("À vérifier", map(_doubt, told.doubtful[:5])),
            *parts.listed("Pour vous aider", (_HINTS[one] for one in fields)),
        ),
        Action(
            f"À faire{parts.before(told)}",
            ("Répondez à ce message en complétant :",),
            (Choix("Répondre avec ces lignes", (*known, *(f"{one} " for one in fields))),),
            (*known, *fields),
        ),
        ("Sans votre réponse, rien n’est enregistré.", *parts.call(house, "Une question")),
    )


_NUMEROS = f"{FORM_NUMEROS} :"
_ROLE = f"{FORM_ROLE} (retours, prises en charge, secrétariat ou remplaçant) :"
_DATES = f"{FORM_DATES} : … au : …"
_MISSING = {
    _NUMEROS: f"le ou les n°{NBSP}PS pour lesquels vous écrivez",
    _ROLE: "ce que cette adresse doit recevoir",
    _DATES: "le premier et le dernier jour du remplacement",
}
_FILLED = {
    Role.RETOURS: "retours",
    Role.PRISES_EN_CHARGE: "prises en charge",
    Role.SECRETARIAT: "secrétariat",
    Role.REMPLACANT: "remplaçant",
}
_HINTS = {
    _NUMEROS: (
        f"Un n°{NBSP}PS a neuf chiffres : n°{NBSP}AM d’un praticien, ou FINESS d’un établissement. "
        "S’il y en a plusieurs, séparez-les par des virgules."
    ),
    _ROLE: "Pour recevoir vos bordereaux, l’usage est : retours.",
    _DATES: "Les dates ne servent que pour un remplacement : 03/08/2026 et 28/08/2026, par exemple.",
}


def _fields(told: Told) -> tuple[str, ...]:
    """The lines that are still to be filled in; all where nothing tells which."""
    number, role = not told.numeros or bool(told.doubtful), told.role is None
    # Of a replacement of which nothing else is missing it is the days that do not do.
    days = role or (told.role is Role.REMPLACANT and (told.ends_on is None or not number))
    wanted = {_NUMEROS: number, _ROLE: role, _DATES: days}
    return tuple(line for line, open_ in wanted.items() if open_) or tuple(wanted)


def _needed(line: str, told: Told) -> bool:
    """Is this line missing in any case? The days only where it is a replacement."""
    return line != _DATES or told.role is Role.REMPLACANT


def _known(told: Told, fields: tuple[str, ...]) -> tuple[str, ...]:
    """The lines that the request filled in: they come back with the answer, which alone would not say them again."""
    first, last = (f"{day:%d/%m/%Y}" if day else "…" for day in (told.starts_on, told.ends_on))
    filled = {
        _NUMEROS: (FORM_NUMEROS, ", ".join(words.inert(numero, 20) for numero, _ in told.numeros)),
        _ROLE: (FORM_ROLE, _FILLED[told.role] if told.role else ""),
        _DATES: (FORM_DATES, f"{first} au : {last}" if told.role is Role.REMPLACANT and told.ends_on else ""),
    }
    return tuple(f"{label} : {value}" for line, (label, value) in filled.items() if value and line not in fields)


def _doubt(value: str) -> str:
    shown = echo.number(value)
    what = f"« {shown} »" if shown else "un numéro que vous donnez"
    return f"{what} n’est pas un n°{NBSP}PS que nous connaissons"


def _waiting(told: Told, house: House) -> Said:
    end = (f"Sans suite{parts.before(told)}, votre demande prend fin et rien n’est enregistré.",) if told.until else ()
    return Said(
        "Votre demande est en cours",
        "Nous vous écrirons dès qu’elle aboutit.",
        (f"Cette adresse demande à recevoir {parts.asked(told)}.",),
        parts.facts(told),
        (*parts.listed("C’est fait", told.done), *parts.listed("Ce que nous attendons", told.missing)),
        None,
        (
            "D’ici là, rien n’est envoyé à cette adresse au sujet de vos factures.",
            *end,
            *parts.call(house, "Une question"),
        ),
    )


def _phrases(told: Told) -> tuple[Liste, ...]:
    """What opens the closed PDFs; told once, here."""
    if not told.phrases:
        return ()
    lines = (
        "Le PDF joint à chaque bordereau est fermé : il s’ouvre avec la phrase ci-dessous, à garder à part.",
        *(f"n° PS {numero} : {phrase}" for numero, phrase in told.phrases),
    )
    return (Liste("La phrase qui ouvre vos PDF", lines),)


def _active(told: Told, house: House) -> Said:
    news = "Quand nous traitons vos lots, un message vous dit quelles factures sont refusées, pourquoi, et que faire."
    if told.role is Role.PRISES_EN_CHARGE:
        short, done = "Elle sert aux prises en charge.", "est enregistrée pour les prises en charge"
        news = "Les bordereaux de tiers payant n’arrivent pas à cette adresse."
    elif told.role is Role.REMPLACANT:
        short, done = "Vous recevrez ici les bordereaux du remplacement.", "reçoit les bordereaux de tiers payant"
    elif told.role is Role.SECRETARIAT:
        short, done = "Elle est notée comme adresse du secrétariat.", "est enregistrée pour le secrétariat"
        news = "Les bordereaux de tiers payant y arrivent quand aucune autre adresse ne les reçoit."
    else:
        short = "Vous recevrez ici vos bordereaux de tiers payant."
        done = "reçoit désormais les bordereaux de tiers payant"
    over = told.role is Role.REMPLACANT and told.ends_on
    after = ("Après le dernier jour, les bordereaux reviennent à l’adresse habituelle.",) if over else ()
    return Said(
        "Votre adresse est enregistrée",
        short,
        (f"C’est fait : cette adresse {done}{parts.of_numeros(told)}.",),
        parts.facts(told),
        (
            Liste(
                "Ce qui change pour vous",
                (
                    news,
                    *after,
                    "Pour répondre, répondez simplement à nos messages : leur référence nous mène à votre dossier.",
                    "Pour savoir où en est une facture, écrivez-nous ÉTAT et son numéro. AIDE vous dit tout le reste.",
                    "Pour changer d’adresse, écrivez-nous depuis la nouvelle : nous demanderons son accord à celle-ci.",
                ),
            ),
            *_phrases(told),
        ),
        None,
        ("Vous n’avez rien demandé ? Répondez NON à ce message : nous arrêterons aussitôt les envois.",),
    )


def _refused(told: Told, house: House) -> Said:
    usual = "Le professionnel de santé concerné, ou notre service, n’a pas donné son accord."
    return Said(
        "Votre demande n’est pas acceptée",
        "Cette adresse n’est pas enregistrée.",
        (
            f"Vous demandiez à recevoir ici {parts.asked(told)}.",
            parts.sentence(told.reason or usual),
        ),
        parts.facts(told),
        (),
        None,
        (
            "Rien n’est envoyé à cette adresse au sujet de vos factures.",
            "Vous pensez à une erreur ? Répondez à ce message : un gestionnaire vous lira.",
            *parts.call(house, "Vous préférez nous parler"),
        ),
    )


def _expired(told: Told, house: House) -> Said:
    return Said(
        "Votre demande a expiré",
        "Cette adresse n’est pas enregistrée.",
        (
            f"Vous demandiez à recevoir ici {parts.asked(told)}. "
            "Ce qui était nécessaire ne nous est pas parvenu à temps.",
            *((parts.sentence(told.reason),) if told.reason else ()),
        ),
        parts.facts(told),
        (*parts.listed("C’était fait", told.done), *parts.listed("Il manquait", told.missing)),
        parts.again(told, house),
        ("Si vous n’en avez plus besoin, vous n’avez rien à faire.", *parts.call(house, "Une question")),
    )


def _changed(told: Told, house: House) -> Said:
    if told.role is Role.REMPLACANT:
        when = f", {parts.period(told)}" if parts.period(told) else ""
        away = f"nous envoyons {parts.asked(told)} à une autre adresse"
        change = f"Pendant un remplacement{when}, {away}, puis de nouveau ici."
    else:
        since = words.date_longue(house.now)
        change = f"Depuis le {since}, nous envoyons {parts.asked(told)} à une autre adresse, et non plus à celle-ci."
    title = "Vos bordereaux changent d’adresse"
    if told.role in (Role.SECRETARIAT, Role.PRISES_EN_CHARGE):
        title = "Une autre adresse est enregistrée"
        what = "le secrétariat" if told.role is Role.SECRETARIAT else "les prises en charge"
        change = f"Une adresse pour {what}{parts.of_numeros(told)} est enregistrée. Pour celle-ci, rien ne change."
    return Said(
        title,
        "Vérifiez que vous êtes d’accord.",
        (change,),
        parts.facts(told, "Nouvelle", parts.masked(told.address)),
        (),
        Action(
            "Ce n’était pas vous ?",
            (
                f"Répondez NON à ce message{parts.before(told)}.",
                "Les envois à la nouvelle adresse s’arrêtent alors aussitôt, et un gestionnaire vérifie.",
            ),
            (Choix("Non, ce n’était pas moi", ("NON",)),),
        ),
        ("Vous êtes d’accord ? Vous n’avez rien à faire.", *parts.call(house, "Un doute")),
    )


def _ended(told: Told, house: House) -> Said:
    over = told.role is Role.REMPLACANT
    reason = told.reason or ("Le remplacement est terminé." if over else "")
    return Said(
        "Cette adresse n’est plus enregistrée",
        "Nous n’y envoyons plus de bordereaux.",
        (
            f"C’est fait : cette adresse ne reçoit plus {parts.asked(told)}.",
            *((parts.sentence(reason),) if reason else ()),
        ),
        parts.facts(told),
        (),
        parts.again(told, house),
        (
            "Vous n’avez rien demandé ? Répondez à ce message : un gestionnaire vous lira.",
            *parts.call(house, "Un doute"),
        ),
    )


def _leave(told: Told, house: House) -> Said:
    return Said(
        "Faut-il arrêter les envois ?",
        "Confirmez que cette adresse ne doit plus rien recevoir.",
        (f"Un message venu de cette adresse nous demande de ne plus y envoyer {parts.asked(told)}.",),
        parts.facts(told),
        (),
        Action(
            f"À faire{parts.before(told)}",
            ("Répondez à ce message en écrivant seulement OUI pour arrêter, ou NON pour continuer à recevoir.",),
            (Choix("Oui, arrêtez les envois", ("OUI",)), Choix("Non, continuez", ("NON",), fort=False)),
        ),
        ("Si vous ne répondez pas, rien ne change : les envois continuent.", *parts.call(house, "Une question")),
    )


def _go_on(told: Told, house: House) -> Said:
    return Said(
        "Écrivez-nous depuis la nouvelle adresse",
        "Votre accord est noté.",
        (
            f"Vous nous indiquez une autre adresse pour recevoir {parts.asked(told)}.",
            "Par sécurité, nous n’écrivons jamais à une adresse qui ne nous a pas écrit : c’est à elle de commencer.",
        ),
        parts.facts(told, "Nouvelle"),
        (),
        Action(
            f"À faire{parts.before(told)}",
            (
                f"Depuis cette nouvelle adresse, écrivez à {house.registration} en indiquant votre n°{NBSP}PS. "
                "Vous n’aurez rien d’autre à prouver que cette adresse.",
            ),
        ),
        (
            "D’ici là, rien ne change : vos bordereaux continuent d’arriver où ils arrivent aujourd’hui.",
            "Vous changez d’avis ? Répondez NON à ce message : cette adresse ne sera pas enregistrée.",
        ),
    )


def _access(told: Told, house: House) -> Said:
    last = words.date_longue(_month_after(house.now.date()))
    return Said(
        "Votre demande sur vos données est bien arrivée",
        "Notre délégué à la protection des données vous répond.",
        (
            "Votre demande est transmise à notre délégué à la protection des données.",
            f"Il vous répond dans un délai d’un mois, donc au plus tard le {last}.",
        ),
        parts.facts(replace(told, role=None, starts_on=None, ends_on=None)),
        (),
        None,
        (
            "Pour ne remettre vos données qu’à vous, il peut vous demander de prouver votre identité. "
            "N’envoyez aucune pièce avant qu’il ne le demande.",
            "Pour compléter votre demande, répondez à ce message.",
            *parts.call(house, "Une question"),
        ),
    )


def _month_after(day: date) -> date:
    """The same day of the next month, or its last one (règlement (UE) 2016/679, article 12, paragraph 3)."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


_STEPS: dict[Step, Callable[[Told, House], Said]] = {
    Step.CONFIRM: _confirm,
    Step.AGREE: _agree,
    Step.FORM: _form,
    Step.WAITING: _waiting,
    Step.ACTIVE: _active,
    Step.REFUSED: _refused,
    Step.EXPIRED: _expired,
    Step.CHANGED: _changed,
    Step.ENDED: _ended,
    Step.LEAVE: _leave,
    Step.GO_ON: _go_on,
    Step.ACCESS: _access,
}
