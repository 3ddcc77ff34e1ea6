"""Days and instants as they are written on the command line: in Paris, where no zone is written."""

from __future__ import annotations

from datetime import datetime

import click

from mailbot.letters.calendrier import PARIS


def instant(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """An ISO instant, aware."""
    if value is None:
        return None
    try:
        return _aware(datetime.fromisoformat(value))
    except ValueError:
        raise click.BadParameter(f"« {value} » n’est pas un instant ISO (exemple : 2026-03-01T08:00)") from None


def day(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """A day or an instant, aware."""
    if value is None:
        return None
    for read in (datetime.fromisoformat, lambda text: datetime.strptime(text, "%d/%m/%Y")):  # noqa: DTZ007
        try:
            return _aware(read(value))
        except ValueError:
            continue
    raise click.BadParameter(f"« {value} » n’est pas une date (exemples : 2026-03-01, 01/03/2026)")


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)
