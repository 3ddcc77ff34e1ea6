"""Tesseract: the text of one grey page, in French. Optional: without it a scan has a warning and no text.

The page (PGM, made by `parsers.documents_images`) goes in by a pipe and the text comes out by one: no file is written.
Each page is a process of its own, under limits of time and memory, in a process group that is killed by its id.
Raises `Park` (French) for a page that was not read.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import resource
import shutil
import signal
import subprocess
import sys

from mailbot.errors import Park

LANGUAGE = "fra"
MEMORY = 512 * 1024**2  # bytes of address space; an A4 page at 300 dots an inch takes less than half
MAX_TEXT = 200_000  # characters of one page
_TURNED, _UPRIGHT = "1", "3"  # how it takes a page apart: it finds out which way is up, or believes that it is
_START = 5.0  # seconds in which the list of languages comes
_PASSED_ON = ("PATH", "TESSDATA_PREFIX")  # of our environment, in which passwords may stand
_LINUX = sys.platform == "linux"


def text(page: bytes, seconds: float) -> str:
    """The text of a page, in at most so many seconds."""
    program = shutil.which("tesseract")
    if program is None:
        raise Park("image non lue : Tesseract n’est pas installé sur cette machine")
    known = _known(program)
    if LANGUAGE not in known:
        raise Park("image non lue : Tesseract est installé sans le français (tesseract-ocr-fra)")
    layout = _TURNED if "osd" in known else _UPRIGHT
    code, said = _run((program, "stdin", "stdout", "-l", LANGUAGE, "--psm", layout, "--dpi", "300"), page, seconds)
    if code:
        raise Park("image non lue : Tesseract n’y est pas arrivé")
    return said.decode("utf-8", "replace")[:MAX_TEXT].replace("\f", "\n")


@functools.cache
def _known(program: str) -> frozenset[str]:
    """The data that it has: languages, and "osd", with which it sees how a page is turned."""
    code, said = _run((program, "--list-langs"), b"", _START)
    return frozenset(said.decode("utf-8", "replace").split()) if code == 0 else frozenset()


def _run(command: tuple[str, ...], given: bytes, seconds: float) -> tuple[int, bytes]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        process = subprocess.Popen(  # noqa: S603 - found on the PATH, arguments of ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={**passed_on, "OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
    except OSError:
        raise Park("image non lue : Tesseract ne démarre pas") from None
    try:
        if _LINUX:
            # It waits for its input first: the limits are there before the page is.
            resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
            processor = math.ceil(max(seconds, 0.0)) + 1  # a second line, should we be gone
            resource.prlimit(process.pid, resource.RLIMIT_CPU, (processor, processor))
        said, _ = process.communicate(given, timeout=max(seconds, 0.0))
    except subprocess.TimeoutExpired:
        raise Park(f"image non lue : sa lecture dure plus de {seconds:.0f} secondes") from None
    finally:
        _end(process)
    return process.returncode, said


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    process.wait()
