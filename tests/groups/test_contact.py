"""The contact mobile: changed here and told to both numbers, although the CRM is its master."""

from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from groups import contact
from groups.base_import import import_base
from groups.base_import.columns import COLUMNS
from groups.models import ContactChange, Contract
from groups.proof import ProofMissing
from superfamilja.audit.acts import ReasonMissing
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage
from tests.factories import ContractFactory, at
from tests.proofs import payers_word
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db
NOW = at("2026-11-20 10:00")
OLD, NEW, THIRD = "+355690000001", "+355690000002", "+355690000003"


@pytest.fixture
def contract() -> Contract:
    return ContractFactory(number="A1", fixed_number="+35542000001", contact_msisdn=OLD)


def change(contract: Contract, to: str = NEW, **options: object) -> ContactChange:
    return contact.change_contact(
        proof=payers_word(contract, NOW),
        contract=contract,
        msisdn=to,
        evidence="codes",
        at=NOW,
        **options,  # type: ignore[arg-type]
    )


def brought(tmp_path: Path, number: str, address: str = "Rruga e Provës 1, Tiranë") -> str:
    """Import a file with this number; return the contact after it, and the figures."""
    path = tmp_path / "feed.csv"
    row = f'A1,042000001,active,J10000001A,Drita Dardha,{number},,"{address}",,,,,,,,'
    path.write_text(f"{','.join(COLUMNS)}\n{row}\n", encoding="utf-8")
    outcome = import_base(path, at=NOW)
    assert outcome.rejects is None
    return Contract.objects.get(number="A1").contact_msisdn


def settled() -> list[bool | None]:
    """Return for each change, oldest first, whether the CRM agreed, disagreed or is silent."""
    return list(ContactChange.objects.order_by("pk").values_list("crm_agrees", flat=True))


def test_both_numbers_are_told_what_changed(contract: Contract) -> None:
    change(contract)
    told = dict(OutgoingMessage.objects.values_list("recipient", "parameters__is_before"))
    assert told == {OLD: 1, NEW: 0}


def test_the_act_names_no_number_in_full(contract: Contract) -> None:
    change(contract)
    details = Act.objects.get(verb="change_contact").details
    assert (details["before"], details["after"]) == ("***001", "***002")


def test_staff_say_why(contract: Contract) -> None:
    with pytest.raises(ReasonMissing):
        change(contract, actor=staff_member("store clerk"))


def test_without_a_proof_nothing_changes(contract: Contract) -> None:
    with pytest.raises(ProofMissing):
        contact.change_contact(contract=contract, msisdn=NEW, evidence="doc", proof=None, at=NOW)


def test_the_number_it_has_is_no_change(contract: Contract) -> None:
    with pytest.raises(contact.SameContact):
        change(contract, OLD)


def test_a_contact_that_moved_since_it_was_proved_is_not_changed(contract: Contract) -> None:
    change(contract)
    with pytest.raises(contact.ContactMoved):
        change(contract, THIRD, known=OLD)


def test_two_owners_never_share_a_number(contract: Contract) -> None:
    ContractFactory(contact_msisdn=NEW, owner_nid="K20000002B")
    with pytest.raises(contact.ContactOfAnother):
        change(contract)


def test_one_owner_of_two_contracts_may_use_one_number(contract: Contract) -> None:
    ContractFactory(contact_msisdn=NEW)
    change(contract)
    assert Contract.objects.filter(contact_msisdn=NEW).count() == 2


def test_an_ended_contract_keeps_its_contact() -> None:
    with pytest.raises(contact.ContractOver):
        change(ContractFactory(status="ended"))


def test_a_change_is_written_once(contract: Contract) -> None:
    made = change(contract)
    with pytest.raises(DatabaseError), transaction.atomic():
        ContactChange.objects.filter(pk=made.pk).update(after=THIRD)


def test_a_file_that_still_carries_the_old_number_changes_nothing(
    contract: Contract, tmp_path: Path
) -> None:
    change(contract)
    assert brought(tmp_path, OLD) == NEW
    assert settled() == [None]


def test_while_the_crm_is_behind_its_other_columns_still_count(
    contract: Contract, tmp_path: Path
) -> None:
    change(contract)
    assert brought(tmp_path, OLD, address="Rruga e Re 9") == NEW
    assert Contract.objects.get().service_address == "Rruga e Re 9"


def test_a_file_with_the_new_number_confirms_it(contract: Contract, tmp_path: Path) -> None:
    change(contract)
    assert brought(tmp_path, NEW) == NEW
    assert settled() == [True]


def test_a_file_with_a_third_number_takes_its_place(contract: Contract, tmp_path: Path) -> None:
    change(contract)
    assert brought(tmp_path, THIRD) == THIRD
    assert settled() == [False]


def test_once_confirmed_the_old_number_is_the_crms_own_word(
    contract: Contract, tmp_path: Path
) -> None:
    change(contract)
    brought(tmp_path, NEW)
    assert brought(tmp_path, OLD) == OLD


def test_of_two_changes_the_crm_may_be_behind_by_one_or_by_both(
    contract: Contract, tmp_path: Path
) -> None:
    change(contract)
    change(contract, THIRD)
    assert brought(tmp_path, OLD) == THIRD
    assert brought(tmp_path, NEW) == THIRD
    assert settled() == [None, None]


def test_changed_and_changed_back_is_what_the_crm_has(contract: Contract, tmp_path: Path) -> None:
    change(contract)
    change(contract, OLD)
    assert brought(tmp_path, OLD) == OLD
    assert settled() == [True, True]


def test_a_file_that_says_both_numbers_contradicts_itself(
    contract: Contract, tmp_path: Path
) -> None:
    change(contract)
    brought(tmp_path, NEW)
    path = tmp_path / "feed.csv"
    head, row, _ = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([head, row, row.replace(NEW, OLD), ""]), encoding="utf-8")
    assert import_base(path, at=NOW).figures["contracts_rejected"] == 1


def test_a_confirming_file_again_changes_nothing_and_says_so(
    contract: Contract, tmp_path: Path
) -> None:
    change(contract)
    brought(tmp_path, NEW)
    assert import_base(tmp_path / "feed.csv", at=NOW).changed_nothing


def test_a_dry_run_settles_nothing(contract: Contract, tmp_path: Path) -> None:
    change(contract)
    brought(tmp_path, OLD)
    path = tmp_path / "feed.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(OLD, NEW), encoding="utf-8")
    import_base(path, at=NOW, dry_run=True)
    assert settled() == [None]
