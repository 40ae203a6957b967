"""Count the calls to 130 of some days: no number, no name, no contract.

Four statements, however large the register is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from klikon.ivr.dialogue.outcomes import CallOutcome
from klikon.ivr.dialogue.turns import LastWords
from klikon.ivr.models import CallEnd
from klikon.ivr.words import PLACES, REFUSALS
from superfamilja.data.database import prepared

_FROM = """
    FROM klikon_phonecall
    WHERE began_at >= %(since)s::timestamptz AND began_at < %(until)s::timestamptz
"""
_ENDED = f"{_FROM} AND ended_at IS NOT NULL"
# By outcome, by who ended the call, and in total.
_KINDS = f"""
    SELECT outcome, "end", count(*) AS calls,
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)) AS median,
           round(percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds)) AS longest,
           count(*) FILTER (WHERE seconds <= 60) AS within_a_minute
    FROM (SELECT outcome, "end", extract(epoch FROM ended_at - began_at) AS seconds {_ENDED}) c
    GROUP BY GROUPING SETS ((outcome), ("end"), ())
"""  # noqa: S608 - only our own fragments are joined in
_STEPS = f"""
    SELECT place, count(*) AS reached, count(*) FILTER (WHERE left_at = place) AS ended,
           count(*) FILTER (WHERE left_at = place AND "end" = 'hung_up') AS hung_up
    FROM (SELECT path, left_at, "end" {_ENDED}) c,
         LATERAL (SELECT DISTINCT unnest(path)) AS seen(place)
    GROUP BY place
"""  # noqa: S608
_REFUSALS = f"""
    SELECT refusal, count(*) AS calls {_ENDED} AND refusal <> ''
    GROUP BY refusal ORDER BY calls DESC, refusal
"""
_ON_THE_LINE = f"SELECT count(*) AS calls {_FROM} AND ended_at IS NULL"
Words = Any
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of call: its count, its `share` of all in hundredths, and its duration in seconds.

    Half of the calls took at most `median`, 95 of 100 at most `longest`.
    """

    words: Words
    calls: int
    share: int
    median: int
    longest: int
    within_a_minute: int


@dataclass(frozen=True)
class Step:
    """A place of the dialogue: how many calls reached it, ended there, and hung up there.

    `share` is the share of the ended ones in hundredths.
    """

    words: Words
    reached: int
    ended: int
    hung_up: int
    share: int


@dataclass(frozen=True)
class RefusedCalls:
    """How many calls had this as their last refusal; `share` of all calls in hundredths."""

    words: Words
    calls: int
    share: int


@dataclass(frozen=True)
class CallFigures:
    """Figures of ended calls; `on_the_line` have no end, because they go on or their process died.

    `all` is None without calls.
    """

    all: Kind | None
    outcomes: list[Kind]
    ends: list[Kind]
    steps: list[Step]
    refusals: list[RefusedCalls]
    on_the_line: int


def figures(since: datetime, until: datetime) -> CallFigures:
    """Return the figures of calls that began from `since` on and before `until`."""
    period = {"since": since, "until": until}
    kinds = _rows(_KINDS, period)
    [everything] = [row for row in kinds if row["outcome"] is None and row["end"] is None]
    total = everything["calls"]
    places = {row["place"]: row for row in _rows(_STEPS, period)}
    return CallFigures(
        all=_kind("", everything, total) if total else None,
        outcomes=_in_order(kinds, "outcome", CallOutcome.choices, total),
        ends=_in_order(kinds, "end", CallEnd.choices, total),
        steps=[
            _step(words, places[place])
            for place, words in PLACES.items()
            if place in places and place != LastWords.name
        ],
        refusals=[
            RefusedCalls(
                REFUSALS.get(row["refusal"], row["refusal"]),
                row["calls"],
                _share(row["calls"], total),
            )
            for row in _rows(_REFUSALS, period)
        ],
        on_the_line=_rows(_ON_THE_LINE, period)[0]["calls"],
    )


def _rows(sql: str, period: Mapping[str, datetime]) -> list[Row]:
    with prepared(dict_row) as cursor:
        cursor.execute(sql, period)
        rows: list[Row] = cursor.fetchall()
        return rows


def _in_order(rows: list[Row], by: str, choices: list[tuple[str, Words]], total: int) -> list[Kind]:
    found = {row[by]: row for row in rows if row[by] is not None}
    return [_kind(words, found[value], total) for value, words in choices if value in found]


def _kind(words: Words, row: Row, total: int) -> Kind:
    return Kind(
        words=words,
        calls=row["calls"],
        share=_share(row["calls"], total),
        median=int(row["median"] or 0),
        longest=int(row["longest"] or 0),
        within_a_minute=row["within_a_minute"],
    )


def _step(words: Words, row: Row) -> Step:
    reached, ended = row["reached"], row["ended"]
    return Step(words, reached, ended, row["hung_up"], _share(ended, reached))


def _share(part: int, whole: int) -> int:
    return round(100 * part / whole)
