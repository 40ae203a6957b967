"""`make mutants`: see which tests run which lines, then try the mutants one by one.

    python -m tests.mutants --mutants 300 --seed 20261201

What it found stays in var/mutants/, so that a run which was stopped goes on where it ended. Remove
that folder to begin anew. docs/tests.md says what became of the survivors.
"""

import subprocess
import sys

from tests.mutants.mutating import ROOT

KEPT = ROOT / "var" / "mutants"
# The tests of the doors and of the core. A browser or a process of its own would run without the
# mutant, because it is put into this process.
TESTED = [
    "worked_examples",
    "klikon",
    "billing",
    "groups",
    "portal",
    "staff",
    "desk",
    "concurrency",
]


def main(more: list[str]) -> int:
    """Collect the coverage unless it is there, then run the trial. Return pytest's status."""
    KEPT.mkdir(parents=True, exist_ok=True)
    covering = KEPT / "covering.json"
    wanted = [f"--covering={covering}"]
    if not covering.exists() and (status := _pytest("tests.mutants.covering", *wanted)):
        return status
    wanted += [f"--results={KEPT / 'results.jsonl'}", *more]
    return _pytest("tests.mutants.trial", *wanted)


def _pytest(plugin: str, *options: str) -> int:
    folders = [f"tests/{name}" for name in TESTED]
    marked = ["-m", "not full and not trial and not browser"]
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", plugin, *options, *marked, *folders]
    return subprocess.run(["nice", *command], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
