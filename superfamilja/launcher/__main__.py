"""`python3 -m superfamilja.launcher run`. Readable by old Pythons, to tell them so."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - this line is for those who have an older one
    sys.exit(
        "Duhet Python 3.11 ose më i ri; ky është %d.%d.\n"
        "Python 3.11 or newer is needed; this is %d.%d. Name another: make run PYTHON=python3.12"
        % (sys.version_info[:2] + sys.version_info[:2])
    )

from superfamilja.launcher import checks, environment, web
from superfamilja.launcher.say import Problem

COMMANDS = {
    "run": web.run_portal,
    "setup": web.setup,
    "stop": web.stop,
    "demo-reset": web.demo_reset,
    "test": checks.test,
    "test-full": checks.test_full,
    "lint": checks.lint,
    "bench": checks.bench,
}


def main() -> int:
    """Run one command; a problem is a sentence, never a traceback."""
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
