"""The corpus of French mails, one line a mail: what it is, what its sender wrote now, what it names and where."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from mailbot.model import Clues, Message
from mailbot.parsers.mail import message
from tests import corpus

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWN = message.Own(
    service_address="service.fluxtiers@example.fr",
    registration_address="envoi.fluxtiers@example.fr",
    from_address="service.fluxtiers@example.fr",
    reply_address="reponse+{token}@example.fr",
    bounce_address="retour+{token}@example.fr",
)
CASES = corpus.cases()


def understood(found: Message) -> dict[str, Any]:
    """A mail in the words of the corpus."""
    return {
        "kind": found.kind.value,
        "new": found.reply_text,
        "in_new": named(found.in_new_text),
        "in_subject": named(found.in_subject),
        "in_route": named(found.in_route),
        "in_quoted": named(found.in_quoted),
        "attached": [attachment.filename for attachment in found.attachments],
        "bounce": [[one.address, one.action, one.status, one.permanent] for one in found.bounce or ()],
        "letters": list(found.bounced_message_ids),
        "absent_until": str(found.absent_until) if found.absent_until else None,
        "warnings": list(found.warnings),
        "sender": found.sender,
        "evidence": found.evidence[0],
        "message_id": found.message_id,
    }


def named(clues: Clues) -> dict[str, list[str]]:
    every = {"factures": clues.numeros_facture, "ps": clues.numeros_ps, "nirs": clues.nirs, "tokens": clues.tokens}
    return {name: list(values) for name, values in every.items() if values}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_mail_is_understood(case: corpus.Case) -> None:
    found = understood(message.read(case.raw, NOW, OWN))
    wanted = {key: value.strip("\n") if key == "new" else value for key, value in case.expects.items()}
    wrong = [
        f"{key}\n  wanted: {wanted[key]!r}\n  found:  {found[key]!r}" for key in wanted if wanted[key] != found[key]
    ]
    assert not wrong, "\n".join([case.name, *wrong])


def test_every_mail_of_the_corpus_has_its_own_name_and_says_what_it_is() -> None:
    assert max(Counter(case.name for case in CASES).values()) == 1
    assert all({"kind"} <= set(case.expects) for case in CASES)


def test_the_corpus_is_large_enough_and_knows_each_program_well() -> None:
    styles = Counter(case.name.partition(":")[0] for case in CASES)
    assert len(CASES) >= 130
    assert min(styles.values()) >= 5, styles.most_common()[-3:]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_is_shown_of_a_mail_has_no_marks_and_serialises(case: corpus.Case) -> None:
    shown = json.dumps(message.as_json(message.read(case.raw, NOW, OWN)), ensure_ascii=False)
    assert not any("\ue000" <= character <= "\ue0ff" for character in shown)
