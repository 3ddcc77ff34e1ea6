"""`mailbot run --once` as an admin runs it: a process, Dovecot over TLS in, an SMTP server over STARTTLS out.

The process is killed with SIGKILL from outside at moments that the servers see, and started again.
"""

from __future__ import annotations

import email
import email.policy
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailbot.ledger import Ledger, export
from mailbot.passes import deliver
from tests import day, servers, test_deliver

# aiosmtpd warns that logging in is asked for before TLS; the product must then refuse or use STARTTLS, which is tried.
pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]


@contextmanager
def smtp(certificates: servers.Certificates, **script: list[str]) -> Iterator[servers.ScriptedSmtp]:
    with servers.scripted_smtp(starttls=certificates.server_context(), login=True, **script) as running:
        yield running


def configure(folder: Path, dovecot: servers.Dovecot, certificates: servers.Certificates) -> None:
    """The shipped configuration with real servers in the place of the Maildirs; the SMTP port comes later."""
    path = folder / "mailbot.yaml"
    text = path.read_text(encoding="utf-8")
    inbox = (
        f"  type: imap\n  host: {servers.HOST}\n  port: {dovecot.tls_port}\n  tls: implicit\n"
        f"  username: {dovecot.user}\n  password_file: secret\n  ca_file: {certificates.ca}\n"
    )
    outbox = (
        f"  type: smtp\n  host: {servers.HOST}\n  port: 1\n  tls: starttls\n"
        f"  username: {servers.USER}\n  password_file: secret\n  ca_file: {certificates.ca}\n"
    )
    text = text.replace("  type: maildir                      # maildir ou imap\n  path: var/courrier-entrant\n", inbox)
    text = text.replace(
        "  type: maildir                      # maildir ou smtp\n  path: var/courrier-sortant\n", outbox
    )
    assert "maildir" not in "".join(line for line in text.splitlines(True) if not line.strip().startswith("#"))
    path.write_text(text, encoding="utf-8")
    (folder / "secret").write_text(servers.PASSWORD, encoding="utf-8")


def point_at(folder: Path, server: servers.ScriptedSmtp) -> None:
    path = folder / "mailbot.yaml"
    lines = path.read_text(encoding="utf-8").split("\n")
    at = next(n for n, line in enumerate(lines) if line == "outbox:")
    port = next(n for n in range(at, len(lines)) if lines[n].startswith("  port:"))
    lines[port] = f"  port: {server.port}"
    path.write_text("\n".join(lines), encoding="utf-8")


def start(folder: Path, now: str = "2026-03-02T08:00:00+00:00") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mailbot", "--config", str(folder), "--now", now, "run", "--once"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def run_once(folder: Path, now: str = "2026-03-02T08:00:00+00:00") -> int:
    process = start(folder, now)
    _, said = process.communicate(timeout=servers.DEADLINE * 3)
    assert "Traceback" not in said, said
    print(said)  # pytest shows it when the test fails
    return process.returncode


def states(folder: Path, table: str) -> Counter[str]:
    with Ledger(folder / "var/registre.sqlite") as ledger:
        return Counter(row["state"] for row in export.rows(ledger.store) if row["table"] == table)


@pytest.fixture
def folder(tmp_path: Path, dovecot: servers.Dovecot, certificates: servers.Certificates) -> Path:
    place = tmp_path / "config"
    day.prepare(place)
    configure(place, dovecot, certificates)
    dovecot.deliver(day.registration(), day.chatter(), b"pas un mail")
    return place


def test_a_days_work_from_mailbox_to_bordereau_and_the_reply_that_closes_a_refusal(
    folder: Path, dovecot: servers.Dovecot, certificates: servers.Certificates
) -> None:
    with smtp(certificates) as server:
        point_at(folder, server)
        assert run_once(folder) == 1, "two mails wait for a human"
        assert states(folder, "letters") == {"sent": 5}
        assert states(folder, "mails") == {"settled": 1, "parked": 2}
        assert dovecot.content("INBOX") == []
        assert len(dovecot.content("Traites")) == 3
        assert all(len(envelope.rcpt_tos) == 1 for envelope in server.taken)

        letters = [email.message_from_bytes(one.content, policy=email.policy.default) for one in server.taken]
        bordereau = next(
            one for one in letters if one["To"] == "contact@pharmacie-port.example.fr" and "refusée" in one["Subject"]
        )
        reply = email.message.EmailMessage()
        reply["From"], reply["To"] = bordereau["To"], bordereau["Reply-To"]
        reply["Subject"], reply["In-Reply-To"] = f"Re: {bordereau['Subject']}", bordereau["Message-ID"]
        reply.set_content("Bonjour, la facture n° 1002 corrigée est jointe.\n")
        lot = day.lot_csv(day.row(numero_lot="L2", numero_facture="1002", date_reception="02/03/2026"))
        reply.add_attachment(lot, maintype="text", subtype="csv", filename="corrigee.csv")
        dovecot.deliver(reply.as_bytes())
        assert run_once(folder, "2026-03-02T11:00:00+00:00") == 0
    assert states(folder, "rejets") == {"clos": 1, "ouvert": 5}
    assert (
        subprocess.run(
            [sys.executable, "-m", "mailbot", "--config", str(folder), "ledger", "verify"],
            check=False,
            capture_output=True,
        ).returncode
        == 0
    )


@pytest.mark.parametrize("moment", ["MAIL 3", "dot 1", "dot 5"])
def test_killed_while_sending_and_started_again_nothing_is_lost_and_doubt_is_shown(
    folder: Path, certificates: servers.Certificates, moment: str
) -> None:
    phase, number = moment.split()
    with smtp(certificates) as server:
        point_at(folder, server)
        process: list[subprocess.Popen[str]] = []
        reply = server._reply

        def kill(seen: str, of: object, good: str) -> str:
            answer = reply(seen, of, good)  # type: ignore[arg-type]
            if process and seen == phase and server.commands.count(phase) == int(number):
                os.kill(process[0].pid, signal.SIGKILL)
                process[0].wait()
            return answer

        server._reply = kill  # type: ignore[method-assign]
        process.append(start(folder))
        process[0].communicate(timeout=servers.DEADLINE * 3)
        assert process[0].returncode == -signal.SIGKILL
        process.clear()
        run_once(folder)
        run_once(folder)
    found = states(folder, "letters")
    assert sum(found.values()) == 5
    # Killed before the final dot: sent again and by itself. Killed at the dot: one letter in doubt, and only that one.
    assert found == ({"sent": 5} if phase == "MAIL" else {"sent": 4, "unknown": 1})
    taken = Counter((*envelope.rcpt_tos, bytes(envelope.content)) for envelope in server.taken)
    assert len(taken) == 5
    assert set(taken.values()) == {1}, "no letter went twice"


#: Thirty letters leave by threads, a few hundred by processes.
@pytest.mark.parametrize(
    ("letters", "moment"),
    [
        *((30, moment) for moment in ("MAIL 7", "RCPT 10", "DATA 12", "dot 3", "dot 16", "dot 25")),
        *((deliver.MANY, moment) for moment in ("MAIL 6", "DATA 98", "dot 2", "dot 150")),
    ],
)
def test_killed_while_four_connections_send_only_what_stood_at_its_final_dot_is_in_doubt(
    folder: Path, certificates: servers.Certificates, letters: int, moment: str
) -> None:
    phase, number = moment.split()
    with day.service(folder) as service:
        test_deliver.fill(service, letters, "grand.example.org")
    with smtp(certificates) as server:
        point_at(folder, server)
        text = (folder / "mailbot.yaml").read_text(encoding="utf-8")
        text = text.replace("max_per_minute: 600", "max_per_minute: 1000000").replace(
            "connections: 1", "connections: 4"
        )
        (folder / "mailbot.yaml").write_text(text, encoding="utf-8")
        process: list[subprocess.Popen[str]] = []
        reply = server._reply

        def kill(seen: str, of: object, good: str) -> str:
            answer = reply(seen, of, good)  # type: ignore[arg-type]
            if process and seen == phase and server.commands.count(phase) == int(number):
                os.kill(process[0].pid, signal.SIGKILL)
                process[0].wait()
            return answer

        server._reply = kill  # type: ignore[method-assign]
        process.append(start(folder))
        process[0].communicate(timeout=servers.DEADLINE * 3)
        assert process[0].returncode == -signal.SIGKILL
        process.clear()
        run_once(folder)
        run_once(folder)
    found = states(folder, "letters")
    assert sum(found.values()) == letters + 5
    assert set(found) <= {"sent", "unknown"}
    assert found["unknown"] <= 4, "at most one letter a connection"
    with Ledger(folder / "var/registre.sqlite") as ledger:
        known = {one.id: (one.recipient, one.state) for one in ledger.letters.listed()}
        assert ledger.journal.verify() is None
    taken = Counter((*envelope.rcpt_tos, bytes(envelope.content)) for envelope in server.taken)
    assert set(taken.values()) == {1}, "no letter went twice"
    assert len(taken) >= sum(state == "sent" for _, state in known.values()), "what is sent, the server has"


def test_a_server_that_is_away_is_said_plainly_and_the_rest_of_the_round_goes_on(
    folder: Path, certificates: servers.Certificates, dovecot: servers.Dovecot
) -> None:
    with smtp(certificates) as server:
        point_at(folder, server)
    assert run_once(folder) == 75
    assert states(folder, "letters") == {"queued": 5}
    assert states(folder, "factures")["informee"] == 4
    with smtp(certificates) as server:
        point_at(folder, server)
        run_once(folder, "2026-03-02T12:00:00+00:00")
    assert states(folder, "letters") == {"sent": 5}


def test_sigterm_ends_the_service_between_two_transactions(
    folder: Path, certificates: servers.Certificates, dovecot: servers.Dovecot
) -> None:
    with smtp(certificates) as server:
        point_at(folder, server)
        command = [sys.executable, "-m", "mailbot", "--config", str(folder), "run"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        servers.until(lambda: len(server.taken) == 5, "the letters of the first round")
        dovecot.deliver(day.registration(day.CABINET, "accueil@tilleuls.example.org"))
        servers.until(lambda: len(server.taken) == 6, "the confirmation: IDLE or polling woke the service")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=servers.DEADLINE)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert states(folder, "letters") == {"sent": 6}


def test_a_second_instance_is_turned_away(folder: Path, certificates: servers.Certificates) -> None:
    with smtp(certificates) as server:
        point_at(folder, server)
        command = [sys.executable, "-m", "mailbot", "--config", str(folder), "run"]
        first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        servers.until(lambda: len(server.taken) == 5, "the letters of the first instance")
        assert run_once(folder) == 75
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=servers.DEADLINE)
    assert first.returncode == 0
