"""A contact mobile that is changed while a subscriber file is on its way."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db.models import QuerySet

from groups import contact
from groups.base_import import import_base, merge
from groups.base_import.columns import COLUMNS
from groups.models import ContactChange, Contract
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race
from tests.factories import ContractFactory, at
from tests.proofs import payers_word

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-20 10:00")
NEW, OTHER = "+355680000002", "+355680000003"


@pytest.fixture
def contract() -> Contract:
    return ContractFactory()


def changing(contract: Contract, to: str, known: str | None = None) -> partial[Any]:
    return partial(
        contact.change_contact,
        proof=payers_word(contract, NOW),
        contract=contract,
        msisdn=to,
        evidence="codes",
        at=NOW,
        known=known,
    )


def bring(tmp_path: Path, contract: Contract) -> None:
    """A file with the contact of before, and a new address."""
    path = tmp_path / "feed.csv"
    row = [
        contract.number, contract.fixed_number, "active", contract.owner_nid, contract.owner_name,
        contract.contact_msisdn, "", "Rruga e Re 9",
    ]  # fmt: skip
    path.write_text(f"{','.join(COLUMNS)}\n{','.join(row)}{',' * 8}\n", encoding="utf-8")
    import_base(path, at=NOW)


def contact_of(contract: Contract) -> str:
    return Contract.objects.get(pk=contract.pk).contact_msisdn


def test_a_change_between_the_plan_and_its_batch_stays(contract: Contract, tmp_path: Path) -> None:
    with interrupted_by(changing(contract, NEW), "groups.base_import.merge._lock") as outcome:
        bring(tmp_path, contract)
    assert outcome.result(5) == {DONE: 1}
    assert contact_of(contract) == NEW
    assert Contract.objects.get(pk=contract.pk).service_address == "Rruga e Re 9"


def test_control_with_the_plans_number_it_would_be_lost(
    contract: Contract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = merge.run

    def as_planned(sql: str) -> int:
        return real(sql.replace("c.contact_msisdn = k.known_contact THEN", "true THEN"))

    monkeypatch.setattr(merge, "run", as_planned)
    with interrupted_by(changing(contract, NEW), "groups.base_import.merge._lock"):
        bring(tmp_path, contract)
    assert contact_of(contract) == contract.contact_msisdn


def test_a_change_during_the_batch_comes_after_it(contract: Contract, tmp_path: Path) -> None:
    with interrupted_by(
        changing(contract, NEW), "groups.base_import.merge._settle_contacts"
    ) as outcome:
        bring(tmp_path, contract)
    assert outcome.result(5) == {DONE: 1}
    assert contact_of(contract) == NEW
    assert ContactChange.objects.get(contract=contract).settled_at is None


def test_of_two_changes_at_once_one_is_told_that_the_number_moved(contract: Contract) -> None:
    known = contract.contact_msisdn
    with meeting_before("groups.contact._require_changeable"):
        ended = race(changing(contract, NEW, known), changing(contract, OTHER, known))
    assert ended == {DONE: 1, "contact_moved": 1}


def test_control_without_the_lock_both_would_be_done(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(rows: Any, **_how: Any) -> Any:
        return rows

    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    known = contract.contact_msisdn
    with meeting_before("groups.contact._require_changeable"):
        ended = race(changing(contract, NEW, known), changing(contract, OTHER, known))
    assert ended == {DONE: 2}
