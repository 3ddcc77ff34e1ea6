"""`mailbot`: the group of verbs, the common options, and how every fate becomes an exit code.

0 done; 1 done and something needs attention; 2 wrong usage or configuration; 75 try again later. Machine output goes
to stdout, everything else to stderr.
"""

from __future__ import annotations

import difflib
import io
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from mailbot.cli import context, french, moments, verbs
from mailbot.errors import ConfigError, Later, MailbotError, Never, Park

ATTENTION = 1
WRONG = 2
LATER = 75


class Verbs(click.Group):
    """The verbs, each loaded when it is asked for; names the nearest when it does not know one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of `verbs.VERBS`: the day of a user, not the alphabet."""
        return list(verbs.VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and cmd_name in verbs.VERBS:
            self.add_command(verbs.load(cmd_name))
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each verb on a line of its own, whole."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commandes"):
            formatter.write_dl([(name, verb.get_short_help_str(limit=150)) for name, verb in found if verb])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if self.get_command(ctx, name) is None:
            close = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f" Vouliez-vous dire « {close[0]} » ?" if close else " « mailbot --help » donne la liste."
            raise click.UsageError(f"commande inconnue « {name} ».{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, context_settings={"max_content_width": 110})
@click.option("--config", "folder", type=click.Path(path_type=Path), help="Dossier de configuration (./config sinon).")
@click.option(
    "--now",
    metavar="INSTANT",
    callback=moments.instant,
    help="Fixe l’horloge, pour une répétition : 2026-03-01T08:00, à l’heure de Paris (UTC : 2026-03-01T07:00Z).",
)
@click.option("--agent", default=None, help="Nom inscrit au journal (le compte du système sinon).")
@click.version_option(package_name="mailbot", message="mailbot %(version)s", help="Affiche la version.")
@click.help_option("-h", "--help", help="Affiche cette aide.")
@click.pass_context
def group(ctx: click.Context, folder: Path | None, now: datetime | None, agent: str | None) -> None:
    """Le tiers payant par courriel : lots, bordereaux, réponses, registre."""
    named = folder or (Path(os.environ["MAILBOT_CONFIG"]) if os.environ.get("MAILBOT_CONFIG") else None)
    ctx.obj = context.Invocation(folder=named, now=now, agent=agent)
    ctx.call_on_close(ctx.obj.reader.close)


def main(argv: list[str] | None = None) -> None:
    """Entry point: runs a verb and ends the process with its exit code. Never shows a traceback for bad input."""
    french.teach()
    french.dressed(group)
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe that cannot show an accent gets a question mark, not a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(_guarded(lambda: group.main(argv, prog_name="mailbot", standalone_mode=False)))


def _in_french(error: click.ClickException) -> str:
    """What click says of a wrong call, in the words of its user."""
    if isinstance(error, click.NoSuchOption):
        return _unknown("option", error.option_name, error.possibilities)
    if isinstance(error, click.exceptions.NoSuchCommand):
        return _unknown("commande", error.command_name, error.possibilities)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"il manque {_name(error.param)} — « --help » dit l’usage"
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{_name(error.param)} : {error.message}"
    return error.format_message()


def _unknown(what: str, name: str, possibilities: Sequence[str] | None) -> str:
    close = difflib.get_close_matches(name, possibilities or (), n=1)
    hint = f"vouliez-vous dire « {close[0]} » ?" if close else "« --help » donne la liste"
    return f"{what} inconnue « {name} » — {hint}"


def _name(param: click.Parameter) -> str:
    """An argument is known by its metavar, an option by its first spelling."""
    return param.human_readable_name.strip("[]") if isinstance(param, click.Argument) else param.opts[0]


def _guarded(run: Callable[[], Any]) -> int:
    try:
        code = run()
    except ConfigError as error:
        for fault in error.faults:
            context.say(str(fault))
        return WRONG
    except Later as error:
        context.say(f"à réessayer plus tard : {error.reason}")
        return LATER
    except (Never, Park) as error:
        context.say(error.reason)
        return WRONG
    except MailbotError as error:
        context.say(str(error))
        return WRONG
    except click.ClickException as error:
        context.say(_in_french(error))
        return WRONG
    except (click.Abort, KeyboardInterrupt):
        context.say("interrompu")
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is wrong, and nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return int(code or 0)
