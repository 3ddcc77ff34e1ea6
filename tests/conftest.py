"""Servers for the tests of the edges, and one plain sentence about what could not be tried here.

Tests marked `real` need programs that apt installs (`.ci/run`). Without them they are skipped and the run says so;
with MAILBOT_REQUIRE_REAL=1 they fail instead.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import servers

# No test measures time: a busy machine is no fault. `make test` draws the same examples each time, so that what it says
# is about the change in hand; `make fuzz` draws fresh ones.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.register_profile("fuzz", deadline=None, print_blob=True)
hypothesis.settings.load_profile("fuzz" if os.environ.get("MAILBOT_FUZZ") == "1" else "house")

# Verbs are tried as processes by the hundred: where this machine keeps no compiled code, each would compile all of it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir()) / f"mailbot-pycache-{os.getuid()}"))

#: Set by .ci/run: a test that would be skipped fails.
REQUIRED = os.environ.get("MAILBOT_REQUIRE_REAL") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"MAILBOT_REQUIRE_REAL=1 and this test was skipped: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        reasons = sorted({str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped})
        terminalreporter.section("what was not tried on this machine")
        terminalreporter.line(f"{len(skipped)} tests did not run:")
        for reason in reasons:
            terminalreporter.line(f"  - {reason}")
        terminalreporter.line("Run .ci/run (as root, on Debian) to install what they need and run them all.")


def need(program: str, package: str) -> str:
    """The path of a program; skips the test, with the reason, where it is not installed."""
    found = shutil.which(program, path=servers.PATH)
    if not found:
        pytest.skip(f"{program} is not installed (Debian package {package})")
    return found


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> servers.Certificates:
    return servers.Certificates.made_in(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def dovecot_program() -> str:
    return need("dovecot", "dovecot-imapd")


@pytest.fixture(scope="session")
def dovecot_folders(dovecot_program: str) -> Iterator[Callable[[], Path]]:
    """New folders that Dovecot's own users may enter: those of pytest are closed to others."""
    with tempfile.TemporaryDirectory(prefix="mailbot-dovecot-") as name:
        above, numbers = Path(name), itertools.count()
        above.chmod(0o755)
        yield lambda: above / str(next(numbers))


@pytest.fixture(scope="session")
def dovecot_server(
    dovecot_folders: Callable[[], Path], certificates: servers.Certificates
) -> Iterator[servers.Dovecot]:
    with (
        servers.token_server("good-token") as url,
        servers.dovecot(dovecot_folders(), certificates, token_url=url) as running,
    ):
        yield running


@pytest.fixture
def dovecot(dovecot_server: servers.Dovecot) -> servers.Dovecot:
    """An empty mailbox of this test's own on the running server."""
    return dovecot_server.mailbox_of(f"flux{next(_ACCOUNTS)}@mutuelle.test")


_ACCOUNTS = itertools.count(1)
