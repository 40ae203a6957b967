"""What every test stands on."""

from django.test import TransactionTestCase


def _leave_rows(_self: TransactionTestCase) -> None:
    """Committed rows stay: our tables refuse to be emptied, and history is never removed.

    Tests with threads, processes or a browser make their own families and look at nothing else.
    pytest-django runs them after those that expect an empty database.
    """


TransactionTestCase._fixture_teardown = _leave_rows  # type: ignore[method-assign]
