"""Files that we write for people: complete or not at all, readable by their owner only."""

from __future__ import annotations

import os
from pathlib import Path

from mailbot.errors import Later


def write_private(path: Path, content: bytes) -> None:
    """Writes `content` under `path` by rename, 0600, durable. Raises `Later` where the disk or folder refuses."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise Later(f"{path.name} ne s’écrit pas ({error.strerror})") from error
