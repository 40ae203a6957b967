"""Take an answer of fixed billing: once by its hash, whole or not at all.

What is wrong with it is kept beside it for a person, and then nothing of it counts. Otherwise each
line has its answer, and what was rejected is parked with the reason.
Lock order: the answers, the month's row; then parked entries are added.
"""

import hashlib
import tempfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from billing.answers import settling
from billing.answers.problems import SHOWN, AnswerProblem, FoundProblem
from billing.answers.reading import ReadAnswer, ReadLine
from billing.models import AnswerState, BillingAnswer, BillMonth, IssuedFile, entry_reference
from billing.month import export
from superfamilja.accounts.models import User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.data.advisory_locks import ANSWERS_LOCK
from superfamilja.data.database import large_statements
from superfamilja.epoch import standing
from superfamilja.refusal import Refusal

_TABLES = """
DROP TABLE IF EXISTS answer_read, answer_issued;
CREATE TEMP TABLE answer_read (
    line int, entry_id bigint, result text, amount_lek int, reason text) ON COMMIT DROP;
CREATE TEMP TABLE answer_issued (entry_id bigint, amount_lek int) ON COMMIT DROP;
"""
# Each gives the line, the entry and what is wrong with it.
_CHECKS = {
    AnswerProblem.UNKNOWN_LINE: """
        SELECT r.line, r.entry_id FROM answer_read r
        WHERE NOT EXISTS (SELECT FROM answer_issued i WHERE i.entry_id = r.entry_id)""",
    AnswerProblem.TWICE: """
        SELECT max(line), entry_id FROM answer_read GROUP BY entry_id HAVING count(*) > 1""",
    AnswerProblem.OTHER_AMOUNT: """
        SELECT r.line, r.entry_id FROM answer_read r
        JOIN answer_issued i USING (entry_id) WHERE i.amount_lek <> r.amount_lek""",
    AnswerProblem.ANSWERED_BEFORE: """
        SELECT r.line, r.entry_id FROM answer_read r
        JOIN billing_answeredline l ON l.file_id = %(file)s AND l.entry_id = r.entry_id""",
}
_LINES = """
INSERT INTO billing_answeredline (file_id, entry_id, answer_id, result, amount_lek, reason)
SELECT %(file)s, entry_id, %(answer)s, result, amount_lek, reason FROM answer_read ORDER BY entry_id
"""
_PARK = """
INSERT INTO billing_parkedentry
       (contract_id, entry_id, month, differences, parked_at, answer_id, rejection)
SELECT e.contract_id, e.id, e.month, '{}', %(at)s, %(answer)s, r.reason
FROM answer_read r JOIN billing_billentry e ON e.id = r.entry_id
WHERE r.result = 'rejected' ORDER BY e.id
"""


class AnswerTaken(Refusal):
    rule = "R22"
    code = "answer_taken"
    sentence = gettext_noop("Nobody has to look into answer %(name)s any more.")


class AnswerEmpty(Refusal):
    rule = "R22"
    code = "answer_empty"
    sentence = gettext_noop(
        "The file is empty or larger than 20 MB. Put large ones into the folder."
    )


@dataclass(frozen=True)
class Taken:
    """An answer as it is kept; `is_new` is False when the same bytes came before."""

    answer: BillingAnswer
    is_new: bool


@transaction.atomic
def take_answer(
    *, content: bytes, name: str, at: datetime, actor: User | None = None, reason: str = ""
) -> Taken:
    """Keep the answer, and take it if nothing is wrong with it. The same bytes are one answer.

    Raises Halted, AnswerEmpty, ReasonMissing, AccountHeld.
    """
    standing.require_open()  # R36
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    if not content:
        raise AnswerEmpty
    _one_after_the_other()
    digest = hashlib.sha256(content).hexdigest()
    if earlier := BillingAnswer.objects.filter(sha256=digest).first():
        return Taken(earlier, is_new=False)
    answer = BillingAnswer(
        name=name[-200:],
        sha256=digest,
        content=zlib.compress(content, 1),
        received_at=at,
        received_by=actor,
    )
    _judge_and_keep(answer, content, at, actor, reason)
    return Taken(answer, is_new=True)


@transaction.atomic
def read_again(*, answer: BillingAnswer, at: datetime, actor: User, reason: str) -> BillingAnswer:
    """Judge an answer that was kept for a person anew, by what we know now.

    Raises AnswerTaken, Halted, ReasonMissing, AccountHeld.
    """
    standing.require_open()  # R36
    answer = _waiting(answer, actor, at, reason)
    _judge_and_keep(answer, content_of(answer), at, actor, reason)
    return answer


@transaction.atomic
def look_into(*, answer: BillingAnswer, at: datetime, actor: User, reason: str) -> BillingAnswer:
    """Close an answer that does not count; `reason` says what was found.

    Raises AnswerTaken, ReasonMissing, AccountHeld.
    """
    answer = _waiting(answer, actor, at, reason)
    answer.closed_at, answer.closed_by, answer.closed_reason = at, actor, reason.strip()
    answer.save(update_fields=["closed_at", "closed_by", "closed_reason"])
    _record("look_into_answer", answer, at, actor, reason)
    return answer


def content_of(answer: BillingAnswer) -> bytes:
    """Return the bytes that came."""
    return zlib.decompress(answer.content)


def require_waiting(answer: BillingAnswer) -> None:
    """Raise AnswerTaken when nobody has to look into it."""
    if not answer.waits:
        raise AnswerTaken(name=answer.name)


def _waiting(answer: BillingAnswer, actor: User, at: datetime, reason: str) -> BillingAnswer:
    acts.require_reason(actor, reason)
    holding.require_free(actor, at)
    _one_after_the_other()
    answer = BillingAnswer.objects.select_for_update().get(pk=answer.pk)
    require_waiting(answer)
    return answer


def _one_after_the_other() -> None:
    large_statements()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ANSWERS_LOCK])


def _judge_and_keep(
    answer: BillingAnswer, content: bytes, at: datetime, actor: User | None, reason: str
) -> None:
    read = ReadAnswer()
    _load(read, content)
    answer.file = IssuedFile.objects.filter(name=read.file_name).first() if read.said else None
    if answer.file:
        BillMonth.objects.select_for_update().get(month=answer.file.month)
    found = _problems(read, answer.file)
    answer.problems = [one.as_json() for one in found.first[:SHOWN]]
    answer.found = found.number
    if found.number:
        answer.state = AnswerState.REFUSED
        answer.save()
        _record("keep_answer", answer, at, actor, reason)
        return
    answer.state = AnswerState.TAKEN
    for name, value in vars(read.counted).items():
        setattr(answer, name, value)
    answer.save()
    _record("take_answer", answer, at, actor, reason)
    _write(answer, at)


def _load(read: ReadAnswer, content: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        columns = "(line, entry_id, result, amount_lek, reason)"
        with cursor.copy(f"COPY answer_read {columns} FROM STDIN") as copy:
            for line in read.lines(content):
                copy.write_row(_cells(line))


def _cells(line: ReadLine) -> tuple[Any, ...]:
    return line.number, line.entry_id, line.result, line.amount_lek, line.reason


@dataclass
class Findings:
    """The first problems, and how many there are."""

    first: list[FoundProblem]
    number: int


def _problems(read: ReadAnswer, file: IssuedFile | None) -> Findings:
    """What is wrong in the answer itself, else what is wrong beside the file that it answers."""
    if read.number_found:
        return Findings(read.found, read.number_found)
    if file is None:
        return Findings([FoundProblem(AnswerProblem.UNKNOWN_FILE, what=read.file_name)], 1)
    if read.period and read.period != f"{file.month:%y%m}":
        return Findings([FoundProblem(AnswerProblem.UNKNOWN_LINE, what=f"K{read.period}-…")], 1)
    _load_issued(file)
    findings = Findings([], 0)
    with connection.cursor() as cursor:
        for problem, sql in _CHECKS.items():
            cursor.execute(f"{sql} ORDER BY 1", {"file": file.pk})
            findings.number += cursor.rowcount
            findings.first += [
                FoundProblem(problem, line, entry_reference(file.month, entry_id))
                for line, entry_id in cursor.fetchmany(SHOWN)
            ]
    return findings


def _load_issued(file: IssuedFile) -> None:
    """The lines of our file, from the bytes that went out."""
    # COPY keeps the connection busy, so the file is read before it.
    with tempfile.TemporaryFile() as whole:
        whole.writelines(export.content_of(file))
        whole.seek(0)
        with (
            connection.cursor() as cursor,
            cursor.copy("COPY answer_issued (entry_id, amount_lek) FROM STDIN") as copy,
        ):
            for line in export.lines_of(whole):
                copy.write_row((line.entry_id, line.amount_lek))
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON answer_issued (entry_id); ANALYZE answer_issued")
        cursor.execute("ANALYZE answer_read")


def _write(answer: BillingAnswer, at: datetime) -> None:
    values = {"file": answer.file_id, "answer": answer.pk, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_LINES, values)
        cursor.execute(_PARK, values)
    assert answer.file is not None  # noqa: S101 - taken answers have one
    settling.settle_if_even(answer.file.month, at)


def _record(
    verb: str, answer: BillingAnswer, at: datetime, actor: User | None, reason: str
) -> None:
    month = {"month": f"{answer.file.month:%Y-%m}"} if answer.file else {}
    acts.record(
        verb,
        actor=actor,
        at=at,
        reason=reason,
        answer=answer.name,
        accepted=answer.accepted,
        rejected=answer.rejected,
        problems=answer.found,
        **month,
    )
