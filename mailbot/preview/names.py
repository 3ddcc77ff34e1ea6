"""What each sample shows, in a few words: so that an admin finds “the known address is asked, several PS” among sixty.

Pure; gives exactly one name for each sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mailbot.letters import samples, samples_register
from mailbot.letters.inscription import Step, Told
from mailbot.letters.verdict import Contexts
from mailbot.model.inscriptions import Role

_STEPS = {
    Step.CONFIRM: "confirmez votre adresse",
    Step.AGREE: "accord demandé à l’adresse connue",
    Step.FORM: "il manque quelque chose",
    Step.WAITING: "demande en cours",
    Step.ACTIVE: "adresse enregistrée",
    Step.REFUSED: "demande refusée",
    Step.EXPIRED: "demande expirée, sans réponse",
    Step.CHANGED: "une autre adresse vous remplace",
    Step.ENDED: "fin de l’adresse",
    Step.LEAVE: "voulez-vous mettre fin à l’adresse ?",
    Step.GO_ON: "annonce à l’adresse connue",
    Step.ACCESS: "ce que nous gardons sur vous",
}
_ROLES = {
    Role.RETOURS: "bordereaux",
    Role.REMPLACANT: "remplaçant",
    Role.PRISES_EN_CHARGE: "prises en charge",
    Role.SECRETARIAT: "secrétariat",
}


def of(contexts: Contexts) -> Mapping[str, tuple[str, ...]]:
    """Kind -> the names of its samples, in their order."""
    steps = tuple(map(_step, samples_register.tolds(samples.NOW)))
    known = {"inscription": steps} if len(contexts.get("inscription", ())) == len(steps) else {}
    return {kind: known.get(kind) or tuple(str(one["titre"]) for one in some) for kind, some in contexts.items()}


def _step(told: Told) -> str:
    return f"{_STEPS.get(told.step, told.step)} – {', '.join(_case(told))}"


def _case(told: Told) -> Iterator[str]:
    if told.role:
        yield _ROLES.get(told.role, told.role)
    yield {0: "sans n° PS", 1: "un PS"}.get(len(told.numeros), "plusieurs PS")
    if told.starts_on or told.ends_on:
        yield "pour un temps"
    if told.missing:
        yield "il manque un accord"
