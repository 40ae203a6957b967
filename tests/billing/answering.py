"""Answers of fixed billing as it would write them, to the files of October."""

from collections.abc import Sequence
from datetime import date

from billing.answers import taking
from billing.models import BillEntry, BillingAnswer, IssuedFile
from billing.month import export
from groups.models import Contract
from tests.billing.closing import approve, close, reviewer, settled
from tests.factories import ContractFactory, at

OCTOBER = date(2026, 10, 1)
NOW = at("2026-11-02 09:00")
LATER = at("2026-11-05 09:00")
HEADER = "entry_reference,result,amount_lek,reason"
Line = tuple[str, str, int, str]


def three_contracts() -> list[Contract]:
    """In October FX 1 has 500 and 800, FX 2 800, FX 3 1,300; closed, approved, issued."""
    contracts = [ContractFactory(number=f"FX {n}") for n in (1, 2, 3)]
    for contract, amounts in zip(contracts, ([500, 800], [800], [1300]), strict=True):
        for amount in amounts:
            settled(contract, amount, "2026-10-05 12:00")
    close("2026-10")
    approve("2026-10")
    issued()
    return contracts


def issued() -> IssuedFile:
    """The newest file of October, made now if something is to go out."""
    return export.issue(OCTOBER, at=NOW, actor=reviewer(), reason="first of the month")[-1]


def reference(contract: Contract) -> str:
    return BillEntry.objects.get(contract=contract, month=OCTOBER).reference


def accepted(contract: Contract, amount_lek: int) -> Line:
    return reference(contract), "accepted", amount_lek, ""


def rejected(contract: Contract, amount_lek: int, reason: str = "unknown contract") -> Line:
    return reference(contract), "rejected", amount_lek, reason


def written(
    lines: Sequence[Line], file: IssuedFile | str | None = None, totals: str | None = None
) -> bytes:
    """The answer's bytes; its totals are those of its lines unless they are given."""
    name = file if isinstance(file, str) else (file or issued()).name
    yes = [line[2] for line in lines if line[1] == "accepted"]
    no = [line[2] for line in lines if line[1] == "rejected"]
    sums = totals or f"{len(yes)},{sum(yes)},{len(no)},{sum(no)}"
    rows = [HEADER, *(",".join(map(str, line)) for line in lines), f"TRAILER,{name},{sums}"]
    return ("\n".join(rows) + "\n").encode()


def take(content: bytes, name: str = "answer.csv") -> BillingAnswer:
    took = taking.take_answer(
        content=content, name=name, at=LATER, actor=reviewer(), reason="came by e-mail"
    )
    return BillingAnswer.objects.get(pk=took.answer.pk)


def problems(answer: BillingAnswer) -> list[tuple[str, int]]:
    """What is wrong with it, and in which line."""
    return [(problem["problem"], problem["line"]) for problem in answer.problems]
