"""Compare the database with its mark outside. Pure functions: two facts in, a reason out."""

from superfamilja.epoch.inside import Inside
from superfamilja.epoch.models import HaltReason
from superfamilja.epoch.outside import Outside


def went_on(inside: Inside, outside: Outside, *, failover_loses_nothing: bool) -> bool:
    """Return whether a newer epoch follows the one outside, so that two people compared the books.

    They did so in the database in which the epoch's row was born. A reloaded dump carries the same
    rows, but misses what was sold since.
    """
    follows = inside.epoch != outside.epoch and outside.epoch in inside.epochs_before
    on_its_line = failover_loses_nothing or inside.timeline == inside.born_timeline
    return follows and inside.born_here and on_its_line


def disagreement(
    inside: Inside, outside: Outside, *, failover_loses_nothing: bool
) -> HaltReason | None:
    """Return why this database is not the one that was here before; None when it is."""
    if inside.epoch is None:
        return HaltReason.NO_EPOCH
    if inside.epoch != outside.epoch:
        return HaltReason.OTHER_EPOCH
    if inside.cluster != outside.cluster:
        return HaltReason.OTHER_SERVER
    ids = (inside.database, inside.table, inside.row)
    if ids != (outside.database, outside.table, outside.row):
        return HaltReason.RELOADED
    return _went_back(inside, outside, failover_loses_nothing)


def _went_back(inside: Inside, outside: Outside, failover_loses_nothing: bool) -> HaltReason | None:
    if not _knows_the_mark(inside, outside):
        return HaltReason.GONE_BACK
    if inside.timeline != outside.timeline and not failover_loses_nothing:
        return HaltReason.PROMOTED
    return None


def _knows_the_mark(inside: Inside, outside: Outside) -> bool:
    """Return whether the database knows the outside's mark.

    A mark older than all kept ones belongs to a machine that was away for days, and counts as
    known.
    """
    if inside.mark_token:
        return inside.mark_token == outside.mark_token
    return outside.mark < inside.oldest_mark
