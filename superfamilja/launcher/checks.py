"""Run what `make test` and its like run: tests, trials, mutants, lint, benchmarks."""

import os
import shutil
import subprocess
from datetime import UTC, datetime

from superfamilja.launcher import environment, say
from superfamilja.launcher.processes import ROOT, VENV_PYTHON, run, run_read

_IN_CI = os.environ.get("CI") == "true"
# Program → (its Debian package, what cannot be checked without it).
_NEEDED = {
    "chromium": ("chromium", "the browser tests"),
    "msgfmt": ("gettext", "the translations"),
    "pdftotext": ("poppler-utils", "the text of PDF files"),
    "clamd": ("clamav-daemon", "the tests with a virus scanner"),
    "bearerbox": ("kannel", "the tests with an SMS gateway"),
}
_SEEN = ROOT / "docs" / "trials.txt"
# The formatter of Django's templates is a program, not a module.
_DJADE = [str(VENV_PYTHON.with_name("djade")), "--target-version", "5.2"]


def test() -> int:
    """Run every test that is not marked `full`."""
    return _pytest("not full")


def test_full() -> int:
    """Run the long tests only; `make test` runs the others."""
    return _pytest("full")


def trials() -> int:
    """Run the tests of more than five minutes each, by hand; their output goes to docs/."""
    _prepare()
    begun = datetime.now(UTC)
    command = _pytest_command("trial", "-v", "--disable-warnings", "--durations=0")
    status, said = run_read(command, print)
    head = f"make trials, {begun:%Y-%m-%d %H:%M} UTC, commit {_commit()}, exit status {status}"
    _SEEN.write_text(f"{head}\n\n{said}")
    say.step(f"Written to {_SEEN.relative_to(ROOT)}.")
    return status


def mutants() -> int:
    """Run small wrong changes of the code, by hand; docs/tests.md says what became of them."""
    _prepare()
    return run([str(VENV_PYTHON), "-m", "tests.mutants", *os.environ.get("ARGS", "").split()])


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(
        asked, cwd=ROOT, check=False, capture_output=True, text=True
    ).stdout.strip()


def lint() -> int:
    """Check style, templates, types, imports, migrations and translations, each to its end."""
    _prepare()
    python = str(VENV_PYTHON)
    wanted = {
        "ruff": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "djade": [*_DJADE, "--check", *_templates()],
        "mypy": [python, "-m", "mypy", "superfamilja", "groups", "billing", "klikon"],
        "imports": [str(VENV_PYTHON.with_name("lint-imports")), "--no-cache", "--no-logo"],
        "migrations": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        "translations": [python, "-m", "superfamilja.launcher.translations"],
    }
    if not _IN_CI and not shutil.which("msgfmt"):
        wanted.pop("translations")
    failed = []
    for name, command in wanted.items():
        say.step(name)
        if run(command, {"KLIKON_MODE": "demonstration"}):
            failed.append(name)
    say.step(f"Failed: {', '.join(failed)}" if failed else "Clean.")
    return 1 if failed else 0


def _templates() -> list[str]:
    return [str(template) for template in sorted((ROOT / "templates").rglob("*.html"))]


def bench() -> int:
    """Run each program of benchmarks/, one after the other."""
    _prepare()
    programs = sorted((ROOT / "benchmarks").glob("bench_*.py"))
    if not programs:
        raise say.Problem("S'ka matje në benchmarks/.", "There is no benchmarks/bench_*.py.")
    for program in programs:
        say.step(program.name)
        if status := run([str(VENV_PYTHON), str(program)]):
            return status
    return 0


def _pytest(marked: str) -> int:
    _prepare()
    return run(_pytest_command(marked))


def _pytest_command(marked: str, *more: str) -> list[str]:
    plugins = ["-p", "tests.missing", *(["-p", "tests.no_skips"] if _IN_CI else [])]
    workers = ["-n", os.environ.get("TEST_WORKERS", "2")]
    extra = os.environ.get("ARGS", "").split()
    return [str(VENV_PYTHON), "-m", "pytest", *plugins, *workers, "-m", marked, *more, *extra]


def _prepare() -> None:
    environment.install(environment.DEVELOP)
    _install_programs()
    if run([str(VENV_PYTHON), "-c", _COMPILE]):
        raise say.Problem("Përkthimet nuk u përpiluan.", "The translations did not compile.")


_COMPILE = "from superfamilja.launcher import translations; translations.compile_all()"


def _install_programs() -> None:
    # Debian installs daemons there, and an ordinary user's PATH does not include it.
    os.environ["PATH"] = f"{os.environ.get('PATH', '')}:/usr/sbin"
    missing = {program: _NEEDED[program] for program in _NEEDED if not shutil.which(program)}
    if not missing:
        return
    packages = [package for package, _what in missing.values()]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say.step(f"apt-get install {' '.join(packages)}")
        _apt("update")
        _apt("install", "--no-install-recommends", *packages)
    for program, (package, what) in missing.items():
        if not shutil.which(program):
            say.step(f"{program} is missing, so {what} are left out: apt install {package}")


def _apt(*arguments: str) -> None:
    # A failure shows below as a missing program; the terminal has apt's own message.
    subprocess.run(
        ["apt-get", "-qq", "-y", *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
