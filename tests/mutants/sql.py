"""Small wrong changes in a statement of SQL."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# (kind, what is looked for, what replaces it). A lock becomes a function of two numbers that
# returns the same type and locks nothing.
_RULES = [
    ("SQL comparison", r"(?<![<>=|])<=", "<"),
    ("SQL comparison", r"(?<![<>=|])>=", ">"),
    ("SQL comparison", r"<(?![=>])", "<="),
    ("SQL comparison", r"(?<!<)>(?!=)", ">="),
    ("SQL comparison", r"<>", "="),
    ("SQL comparison", r"(?<=(?:ON|OR) )(\S+) = ", r"\1 <> "),
    ("SQL comparison", r"(?<=(?:AND) )(\S+) = ", r"\1 <> "),
    ("SQL comparison", r"(?<=WHERE )(\S+) = ", r"\1 <> "),
    ("SQL and/or", r"\bAND\b", "OR"),
    ("SQL and/or", r"\bOR\b", "AND"),
    ("SQL not", r"\bIS NULL\b", "IS NOT NULL"),
    ("SQL not", r"\bIS NOT NULL\b", "IS NULL"),
    ("SQL not", r"\bNOT EXISTS\b", "EXISTS"),
    ("SQL not", r"(?<!NOT )\bEXISTS\b", "NOT EXISTS"),
    ("SQL not", r"(?<=WHEN )NOT ", ""),
    ("SQL join", r"\bLEFT JOIN\b", "JOIN"),
    ("SQL arithmetic", r" \+ ", " - "),
    ("SQL arithmetic", r" - ", " + "),
    ("SQL arithmetic", r"\bgreatest\b", "least"),
    ("SQL arithmetic", r"\bmax\(", "min("),
    ("SQL constant", r"(?<=, )0(?=\))", "1"),
    ("SQL constant", r"(?<=THEN )0\b", "1"),
    ("SQL order", r" DESC\b", ""),
    ("SQL order", r"(ORDER BY \w+\.id)\b(?! DESC)", r"\1 DESC"),
    ("lock", r"\s*FOR (?:SHARE|UPDATE)(?: OF \w+)?", ""),
    ("lock", r"\bpg_advisory_xact_lock(?:_shared)?\(", "int4and("),
    ("lock", r"\bpg_try_advisory_xact_lock\(", "int4ne("),
    ("lock", r"\bAS MATERIALIZED\b", "AS NOT MATERIALIZED"),
]


@dataclass(frozen=True)
class Changed:
    """A changed statement: the whole text, and what is said about the change."""

    kind: str
    text: str
    before: str
    after: str
    line: int

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


def is_sql(text: str) -> bool:
    return re.search(r"\b(SELECT|INSERT INTO|JOIN|WHERE)\b", text) is not None


def changes(text: str) -> Iterator[Changed]:
    """Return every change of the statement, each at one place."""
    for kind, looked_for, to in _RULES:
        for found in re.finditer(looked_for, text):
            after = found.expand(to)
            changed = text[: found.start()] + after + text[found.end() :]
            line = text.count("\n", 0, found.end() - 1)
            yield Changed(kind, changed, *_around(text, changed, found, after), line)


def _around(text: str, changed: str, found: re.Match[str], after: str) -> tuple[str, str]:
    """Return the line of the change before and after it."""
    start = text.rfind("\n", 0, found.start() + 1) + 1
    ends = found.end(), found.start() + len(after)
    return tuple(  # type: ignore[return-value]
        " ".join((whole[start:] if (at := whole.find("\n", end)) < 0 else whole[start:at]).split())
        for whole, end in zip((text, changed), ends, strict=True)
    )
