"""Race a change of the contact mobile against a running import."""

from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.db.models import QuerySet

from groups import contact
from groups.base_import import import_base, merge
from groups.base_import.columns import COLUMNS
from groups.models import ContactChange, ContactHold, Contract, Group
from klikon.leader import leadership
from klikon.models import DeclarationChannel, LeaderAssignment
from tests.concurrency.racing import DONE, interrupted_by, meeting_before, race
from tests.factories import ContractFactory, at, family
from tests.proofs import naming_word, payers_word, seen_paper

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-11-20 10:00")
NEW, OTHER = "+355680000002", "+355680000003"


@pytest.fixture
def contract() -> Contract:
    return ContractFactory()


@pytest.fixture
def group() -> Group:
    return family()


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
    """Write a file with the former contact and a new address."""
    path = tmp_path / "feed.csv"
    row = [
        contract.number,
        contract.fixed_number,
        "active",
        contract.owner_nid,
        contract.owner_name,
        contract.contact_msisdn,
        "",
        "Rruga e Re 9",
    ]
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
    with meeting_before("groups.contact.require_changeable"):
        ended = race(changing(contract, NEW, known), changing(contract, OTHER, known))
    assert ended == {DONE: 1, "contact_moved": 1}


def test_control_without_the_lock_both_would_be_done(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(rows: Any, **_how: Any) -> Any:
        return rows

    monkeypatch.setattr(QuerySet, "select_for_update", unlocked)
    known = contract.contact_msisdn
    # Pass the proof, which checks the contact as well.
    with meeting_before("groups.contact._hold_or_prove"):
        ended = race(changing(contract, NEW, known), changing(contract, OTHER, known))
    assert ended == {DONE: 2}


def naming(group: Group) -> partial[Any]:
    """Return an online Declaration whose code was typed a moment ago."""
    return partial(
        leadership.assign,
        member=group.memberships.get(seat=1),
        channel=DeclarationChannel.ONLINE,
        signatory_name=group.contract.owner_name,
        evidence="code",
        proof=naming_word(group.memberships.get(seat=1), NOW),
        at=NOW,
    )


def seen(contract: Contract, to: str = NEW) -> partial[Any]:
    """Return a change that a second person saw and no code proves (R31)."""
    proof = seen_paper(contract, "change_contact")
    return partial(
        contact.change_contact, contract=contract, msisdn=to, proof=proof, evidence="seen", at=NOW
    )


class TestR31TheContactChangesWhileADeclarationComesIn:
    def test_the_code_of_before_names_nobody(self, group: Group) -> None:
        with interrupted_by(
            seen(group.contract), "klikon.leader.leadership.require_loosening"
        ) as changed:
            assert race(naming(group)) == {"contact_held": 1}
        assert changed.result(5) == {DONE: 1}
        assert not LeaderAssignment.objects.filter(group=group).exists()

    def test_control_decided_before_the_contracts_lock_it_would(self, group: Group) -> None:
        with (
            interrupted_by(seen(group.contract), "klikon.leader.standing.after_history") as changed,
            mock.patch(
                "klikon.leader.leadership.require_loosening", lambda _p, contract, **_: contract
            ),
        ):
            assert race(naming(group)) == {DONE: 1}
        assert changed.result(5) == {DONE: 1}
        assert LeaderAssignment.objects.filter(group=group).exists()


class TestR31TheCrmTellsAThirdNumberMeanwhile:
    def holds_of(self, contract: Contract, tmp_path: Path) -> list[tuple[str, str]]:
        """Return the holds after a second person's change that came during the CRM's file."""
        with interrupted_by(seen(contract), "groups.base_import.merge._hold_contacts") as changed:
            told = replace(contract, contact_msisdn=OTHER)
            bring(tmp_path, told)
        assert changed.result(5) == {DONE: 1}
        holds = ContactHold.objects.filter(contract=contract, ended_at=None)
        return list(holds.values_list("before", "after"))

    def test_one_hold_stands_and_is_of_the_number_that_counts(
        self, contract: Contract, tmp_path: Path
    ) -> None:
        old = contract.contact_msisdn
        assert self.holds_of(contract, tmp_path) == [(old, contact_of(contract))]


def replace(contract: Contract, **changed: str) -> Contract:
    """Return the contract as the CRM's file has it."""
    told = Contract.objects.get(pk=contract.pk)
    for name, value in changed.items():
        setattr(told, name, value)
    return told
