"""`config/mailbot.yaml` as frozen, closed, typed values: how the service runs (never what it says or decides).

Owns: names, types, defaults and cross-checks of the keys. Paths come out absolute (relative ones stand under the
configuration folder). Secrets are named by file, environment variable or command, read only when asked for, and never
kept or shown. Source of the keys: shared/design/contracts.md.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

TOKEN = "{token}"  # noqa: S105 - the field of an address, not a secret
#: A field as somebody may have meant it: between braces, or with one of them only.
_FIELD = re.compile(r"\{[^{}@\s]*\}?|[^{}@\s+]*\}")
#: A label of a domain name (RFC 1123 §2.1).
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def _wrong(said: str, hint: str = "", part: str = "", key: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """A mistake with its remedy. `part`: the words of the value that are wrong; `key`: where it stands, for a mistake
    of several keys together."""
    return PydanticCustomError("wrong", "{said}", {"said": said, "hint": hint, "part": part, "key": key})


def _address(text: str) -> str:
    strange = _FIELD.search(text.replace(TOKEN, "a" * len(TOKEN)))
    if strange:
        written = text[strange.start() : strange.end()]
        raise _wrong(f"champ inconnu « {written} »", f"vouliez-vous dire « {TOKEN} » ?", written)
    try:
        # test_environment: names under .test stand for real ones on rehearsal machines.
        plain = text.replace(TOKEN, "a" * 26)
        validate_email(plain, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError(f"« {text} » n’est pas une adresse e-mail valable (exemple : service@example.fr)") from None
    return text


def _plain_address(text: str) -> str:
    if "{" in text:
        raise ValueError("{token} n’est admis que dans reply_address et bounce_address")
    return _address(text)


def whole_domain(text: str) -> bool:
    """Two labels at least, in lower case: “example.fr”, not “.fr”, “fr” or “*.example.fr”."""
    labels = text.split(".")
    return len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()


def _domain(text: str) -> str:
    """A whole domain name in lower case; “.example.fr”, as it was once written, is “example.fr”."""
    plain = text.strip().lower().rpartition("@")[2].rstrip(".")
    meant = re.sub(r"^(\*?\.)+", "", plain)
    whole = whole_domain(meant)
    if whole and text.strip().lower() in (meant, f".{meant}"):
        return meant
    broad = f" : toutes les adresses en « .{meant} » recevraient tout" if _LABEL.fullmatch(meant) else ""
    hint = (
        f"écrivez « {meant} » : ce domaine et ceux qui sont dessous" if whole else "écrivez par exemple « mssante.fr »"
    )
    raise _wrong(f"« {text} » n’est pas un domaine entier{broad}", hint, text)


def _absolute(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("folder", Path.cwd())
    return (folder / path.expanduser()).resolve()


def _to_path(value: Any) -> Any:
    return Path(value) if isinstance(value, str) and value else value


def _to_time(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return time.fromisoformat(value)
        except ValueError:
            raise _no_time(value) from None
    if isinstance(value, int | float):
        raise _no_time(value)
    return value


def _no_time(value: object) -> PydanticCustomError:
    return _wrong(f"« {value} » n’est pas une heure", "écrivez-la avec deux-points (exemple : 07:30)")


def _to_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Address = Annotated[str, AfterValidator(_plain_address)]
AddressPattern = Annotated[str, AfterValidator(lambda text: _address(text) if text else text)]
AbsolutePath = Annotated[Path, BeforeValidator(_to_path, json_schema_input_type=str), AfterValidator(_absolute)]
Domain = Annotated[str, AfterValidator(_domain)]
ClockTime = Annotated[time, BeforeValidator(_to_time, json_schema_input_type=str)]
Positive = Annotated[int, Field(gt=0)]
Port = Annotated[int, Field(gt=0, lt=65536)]


class Section(BaseModel):
    """Base of all sections: strict types, unknown keys refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_default=True)


class Account(Section):
    """A server that we log in to, or a Maildir: what inbox and outbox share."""

    path: AbsolutePath | None = None
    host: str | None = None
    port: Port | None = None
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    username: str | None = None
    password_file: AbsolutePath | None = None
    password_env: str | None = None
    oauth2_token_command: str | None = None
    ca_file: AbsolutePath | None = None
    client_cert: AbsolutePath | None = None
    client_key: AbsolutePath | None = None

    def _check_server(self, kind: str) -> None:
        if kind == "maildir":
            if self.path is None:
                raise ValueError("type maildir : la clé « path » est obligatoire")
            return
        if not self.host:
            raise ValueError(f"type {kind} : la clé « host » est obligatoire")
        if self.tls == "none" and not _is_loopback(self.host):
            raise ValueError("tls: none n’est admis que vers la machine elle-même (127.0.0.1, ::1, localhost)")
        secrets = [self.password_file, self.password_env, self.oauth2_token_command]
        if sum(secret is not None for secret in secrets) > 1:
            raise ValueError("un seul de password_file, password_env, oauth2_token_command")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Organisation(Section):
    """Who speaks: stands in every letter."""

    name: str
    convention: str = "Almerys"
    service: str = "Service Flux Tiers"
    postal_address: str = ""
    phone: str = ""
    service_address: Address
    registration_address: Address


class Inbox(Account):
    """One mailbox that is read. `max_message_bytes` in bytes, `poll_seconds` in seconds."""

    name: str = ""
    type: Literal["maildir", "imap"]
    folder: str = "INBOX"
    done_folder: str = "Traites"
    review_folder: str = "A-revoir"
    authserv_id: str | None = None
    idle: bool = True
    poll_seconds: Positive = 60
    max_message_bytes: Positive = 25_000_000

    @model_validator(mode="after")
    def _complete(self) -> Inbox:
        self._check_server(self.type)
        if len({self.folder, self.done_folder, self.review_folder}) < 3:
            raise ValueError("folder, done_folder et review_folder doivent être trois dossiers différents")
        return self

    @property
    def label(self) -> str:
        """The mailbox in ledger and messages: no secret in it, stable across restarts."""
        return self.name or (str(self.path) if self.type == "maildir" else f"{self.username or ''}@{self.host}")


class Outbox(Account):
    """Where letters leave. `max_per_minute` letters a minute over all connections; `connections_per_domain` at most to
    one domain of recipients (all of them without that key)."""

    type: Literal["maildir", "smtp"]
    from_address: Address
    # Empty: replies and bounces go to from_address.
    reply_address: AddressPattern = ""
    bounce_address: AddressPattern = ""
    max_per_minute: Positive = 600
    connections: Positive = 1
    connections_per_domain: Positive | None = None

    @model_validator(mode="after")
    def _complete(self) -> Outbox:
        self._check_server(self.type)
        return self


class Lots(Section):
    drop_folder: AbsolutePath = Path("var/lots")


class References(Section):
    folder: AbsolutePath = Path("var/references")


class Trame(Section):
    folder: AbsolutePath = Path("var/trame")


class Ledger(Section):
    """Retention in months: cases, and technical logs."""

    path: AbsolutePath = Path("var/registre.sqlite")
    retention_months: Positive = 36
    log_retention_months: Positive = 12


class Bordereau(Section):
    """`send_at`: local time of day before which bordereaux do not leave; None: at once. `send_until`: after which they
    wait for the next day; `send_days`: every day, or Monday to Friday without public holidays. `report`: a PS of whose
    lots nothing was refused is told so once a day."""

    max_rows: Positive = 10
    pdf: bool = True
    send_at: ClockTime | None = None
    report: bool = False
    send_until: ClockTime | None = None
    send_days: Literal["ouvres", "tous"] = "tous"

    @model_validator(mode="after")
    def _in_order(self) -> Bordereau:
        if self.send_until and self.send_until <= (self.send_at or time()):
            raise ValueError("send_until doit être plus tard que send_at, le même jour (exemple : 07:30 et 19:30)")
        return self


class Privacy(Section):
    """How NIR and birth date stand in ordinary mail; `full_domains`, and the domains below them, get them in full all
    the same."""

    plain: Literal["masked", "full", "encrypted"] = "masked"
    full_domains: Annotated[tuple[Domain, ...], BeforeValidator(_to_tuple, json_schema_input_type=list[str])] = (
        "mssante.fr",
    )


class Registration(Section):
    """`token_hours`: how long an answer by mail is waited for; `code_days`: how long the code of a letter on paper
    counts. `postal_code`: such letters are made, as PDF in `post_folder`, for PS without a known address."""

    proof: Literal["known_address", "agent"] = "known_address"
    token_hours: Positive = 72
    postal_code: bool = True
    code_days: Positive = 30
    post_folder: AbsolutePath = Path("var/courrier-postal")


class Limits(Section):
    """`answers_per_day` per correspondent; `requests_per_…`: registrations a day by senders whom the PS does not know;
    `bordereaux_per_day` rounds of bordereaux for one PS (the rest waits for tomorrow: two machines that answer each
    other come to an end); `max_letters_per_run` over all PS; more than `hold_above` in one run wait until an agent
    releases them (never, without that key)."""

    answers_per_day: Positive = 3
    requests_per_sender: Positive = 20
    requests_per_ps: Positive = 3
    requests_per_domain: Positive = 50
    requests_per_day: Positive = 500
    bordereaux_per_day: Positive = 10
    max_letters_per_run: Positive = 5000
    max_tries: Positive = 12
    hold_above: Positive | None = None


class Relance(Section):
    """A refusal that nobody answered is told again after `after_days`, at most `max` times (0: never)."""

    after_days: Positive = 15
    max: Annotated[int, Field(ge=0)] = 2


class Digest(Section):
    """`send`: what waits for the gestionnaires goes to the service address once a day, from `at` on (local time)."""

    send: bool = False
    at: ClockTime = time(7, 30)


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, dict) else _to_tuple(value)


class Settings(Section):
    """The whole of mailbot.yaml."""

    organisation: Organisation
    inbox: Annotated[tuple[Inbox, ...], BeforeValidator(_one_or_more, json_schema_input_type=Inbox | list[Inbox])]
    outbox: Outbox
    # Given as mappings, so that a section that is left out gets its paths under the configuration folder too.
    lots: Lots = Field(default_factory=dict, validate_default=True)
    references: References = Field(default_factory=dict, validate_default=True)
    trame: Trame = Field(default_factory=dict, validate_default=True)
    ledger: Ledger = Field(default_factory=dict, validate_default=True)
    bordereau: Bordereau = Bordereau()
    privacy: Privacy = Privacy()
    registration: Registration = Field(default_factory=dict, validate_default=True)
    limits: Limits = Limits()
    relance: Relance = Relance()
    digest: Digest = Digest()

    @model_validator(mode="after")
    def _distinct(self) -> Settings:
        labels = [inbox.label for inbox in self.inbox]
        if not labels:
            raise ValueError("inbox : au moins une boîte aux lettres est nécessaire")
        if len(set(labels)) < len(labels):
            raise ValueError("inbox : deux boîtes ont le même nom ; donnez-leur des « name » différents")
        return self

    @model_validator(mode="after")
    def _apart(self) -> Settings:
        """Each folder has one use: what is put into one would be taken for something else."""
        used: dict[Path, str] = {}
        for key, folder in self._folders():
            name = ".".join(map(str, key))
            if folder in used:
                raise _wrong(f"{name} : le même dossier que {used[folder]}", _APART.get(key[0], _OWN), key=key)
            used[folder] = name
        return self

    def _folders(self) -> list[tuple[tuple[str | int, ...], Path]]:
        """Every folder that is read or written, with its key."""
        several = len(self.inbox) > 1
        inboxes = [
            (("inbox", at, "path") if several else ("inbox", "path"), one.path)
            for at, one in enumerate(self.inbox)
            if one.type == "maildir" and one.path
        ]
        outbox = [(("outbox", "path"), self.outbox.path)] if self.outbox.type == "maildir" and self.outbox.path else []
        return [
            *inboxes,
            *outbox,
            (("lots", "drop_folder"), self.lots.drop_folder),
            (("references", "folder"), self.references.folder),
            (("trame", "folder"), self.trame.folder),
            (("registration", "post_folder"), self.registration.post_folder),
        ]


_OWN = "donnez-lui un dossier à lui"
#: Section -> why a folder of its own, where there is more to say.
_APART: dict[str | int, str] = {"outbox": "le service lirait ce qu’il envoie : donnez-lui un dossier à lui"}
