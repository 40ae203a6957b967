"""`python3 -m superfamilja.launcher run`.

Old Pythons can read this file, so that it can refuse them.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is for those who have an older one
    version = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit(
        f"Duhet Python 3.11 ose më i ri; ky është {version}.\n"
        f"Python 3.11 or newer is needed; this is {version}. Name another: make run PYTHON=…"
    )

from superfamilja.launcher import checks, environment, web
from superfamilja.launcher.say import Problem

COMMANDS = {
    "run": web.run_portal,
    "setup": web.setup,
    "stop": web.stop,
    "demo-reset": web.demo_reset,
    "call": web.call,
    "test": checks.test,
    "test-full": checks.test_full,
    "trials": checks.trials,
    "mutants": checks.mutants,
    "lint": checks.lint,
    "bench": checks.bench,
}


def main() -> int:
    """Run one command; print a problem as a sentence, never as a traceback."""
    environment.treat_hang_up_and_term_as_ctrl_c()
    try:
        return COMMANDS[sys.argv[1]]()
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nU ndërpre. / Stopped.", file=sys.stderr)
        return 130


sys.exit(main())
