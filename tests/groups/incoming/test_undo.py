"""The last subscriber file is taken back while nothing was built on it. Literals only."""

from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, transaction

from groups import membership
from groups.incoming import carrying, deciding
from groups.incoming.models import IncomingFile
from groups.models import BaseImport, ContactChange, ContactHold, Contract, Group, Membership
from groups.undoing.refusals import (
    BuiltOn,
    ChangedSince,
    ContactSettled,
    NotTheLastFile,
    PlaceTaken,
)
from klikon.models import RefusedActivation
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage, State
from tests.factories import assign, at
from tests.groups.incoming.conftest import BESNIK, ELIRA, MIRA, NOW, A, B, body, loaded, reviewer

# Each file is a transaction of its own, as it is in life: the history goes by their moments.
pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]
LATER, THEN = at("2026-11-21 10:00"), at("2026-11-22 10:00")


def what_stands(*contracts: str) -> list[tuple[Any, ...]]:
    """Everything that a file may change of these contracts."""
    rows = Contract.objects.filter(number__in=contracts).order_by("number", "groups__memberships")
    return list(
        rows.values_list(
            "number",
            "status",
            "owner_name",
            "contact_msisdn",
            "groups__closed_on",
            "groups__memberships__msisdn",
            "groups__memberships__left_on",
            "groups__memberships__seat",
        )
    )


def undone(file: IncomingFile) -> IncomingFile:
    deciding.undo_file(file=file, at=THEN, actor=reviewer(), reason="the wrong day")
    assert carrying.carry_out_next(THEN)
    file.refresh_from_db()
    return file


def numbered(text: str, place: int) -> str:
    """The file with contracts, numbers and owners of this test alone."""
    for old in ("A1", "B1", "C1"):
        text = text.replace(f"{old},", f"{old[0]}U{place},")
    for old, new in (("0420000", "04277%02d"), ("0690000", "06977%02d"), ("0671000", "06777%02d")):
        text = text.replace(old, new % place)
    return text


def test_what_it_changed_ended_and_brought_is_as_it_was() -> None:
    loaded(numbered(body(A + "," + ELIRA, A + "," + BESNIK, B + "," + MIRA), 1))
    before = what_stands("AU1", "BU1", "CU1")
    changed = A.replace("active", "suspended").replace("0690000001", "0690000009")
    c = A.replace("A1", "C1").replace("042000001", "042000003").replace("0690000001", "0690000003")
    file = loaded(
        numbered(
            body(
                changed + "," + ELIRA,
                changed + "," + BESNIK + "2026-11-02",
                B.replace("2024-01-10,", "2024-01-10,2026-11-03") + "," + MIRA,
                c + "," + BESNIK.replace("2024-02-01", "2026-11-04"),
            ),
            1,
        ),
        when=LATER,
    )
    assert what_stands("AU1", "BU1", "CU1") != before
    assert undone(file).state == "undone"
    assert what_stands("AU1", "BU1", "CU1") == before
    assert Act.objects.filter(verb="undo_import").last().reason == "the wrong day"
    hold = ContactHold.objects.get(contract__number="AU1")
    assert hold.ended_at == THEN
    waiting = OutgoingMessage.objects.filter(about=f"H-{hold.pk}", state=State.QUEUED)
    assert not waiting.exists()


def test_the_same_file_may_come_in_again_afterwards() -> None:
    text = numbered(body(A + "," + ELIRA), 2)
    undone(loaded(text))
    assert not Contract.objects.filter(number="AU2").exists()
    assert loaded(text, when=THEN).figures["contracts_new"] == 1


def test_a_leader_named_since_stands_in_the_way() -> None:
    file = loaded(numbered(body(A + "," + ELIRA), 3))
    assign(Membership.objects.get(group__contract__number="AU3"))
    with pytest.raises(BuiltOn) as refused:
        undone(file)
    assert refused.value.details["number"] == 1


def test_a_member_added_at_the_desk_since_stands_in_the_way() -> None:
    file = loaded(numbered(body(A + "," + ELIRA), 4))
    group = Group.objects.get(contract__number="AU4")
    membership.add_member(
        group=group, msisdn="+355679994001", name="Lir", plan="standard_prepaid", at=LATER
    )
    with pytest.raises(BuiltOn):
        undone(file)


def test_a_refused_request_since_stands_in_the_way() -> None:
    file = loaded(numbered(body(A + "," + ELIRA), 11))
    member = Membership.objects.get(group__contract__number="AU11")
    RefusedActivation.objects.create(
        contract=member.group.contract,
        leader_msisdn=member.msisdn,
        member_msisdn=member.msisdn,
        package_code="S700",
        channel="web",
        client="test",
        key="undo",
        refused_at=LATER,
        code="not_the_leader",
        content_hash="0" * 64,
    )
    with pytest.raises(BuiltOn):
        undone(file)


def test_an_event_about_what_it_brought_stands_in_the_way() -> None:
    file = loaded(numbered(body(A + "," + ELIRA), 12))
    contract = Contract.objects.get(number="AU12")
    assert membership.change_status(contract=contract, status="suspended", at=LATER)
    with pytest.raises(ChangedSince):
        undone(file)


def test_a_contact_that_it_overruled_stands_in_the_way() -> None:
    loaded(numbered(body(A + "," + ELIRA), 13))
    contract = Contract.objects.get(number="AU13")
    here = "+355697713009"
    ContactChange.objects.create(
        contract=contract,
        before=contract.contact_msisdn,
        after=here,
        evidence="a paper",
        changed_at=NOW,
    )
    Contract.objects.filter(pk=contract.pk).update(contact_msisdn=here)
    other = A.replace("0690000001", "0690000008")
    file = loaded(numbered(body(other + "," + ELIRA), 13), when=LATER)
    with pytest.raises(ContactSettled):
        undone(file)


def test_an_undo_that_fails_leaves_the_file_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    file = loaded(numbered(body(A + "," + ELIRA), 14))
    monkeypatch.setattr("groups.incoming.carrying.undo_import", mock.Mock(side_effect=OSError))
    undone(file)
    assert (file.state, file.undone_by) == ("loaded", None)


def test_what_was_changed_again_since_stands_in_the_way() -> None:
    loaded(numbered(body(A + "," + ELIRA), 5))
    file = loaded(numbered(body(A.replace("active", "suspended") + "," + ELIRA), 5), when=LATER)
    Contract.objects.filter(number="AU5").update(status="active")
    with pytest.raises(ChangedSince):
        undone(file)


def test_a_number_that_sits_elsewhere_by_now_stands_in_the_way() -> None:
    loaded(numbered(body(A + "," + ELIRA, B + "," + MIRA), 6))
    text = numbered(body(A + "," + ELIRA + "2026-11-02", B + "," + MIRA), 6)
    file = loaded(text, when=LATER)
    membership.add_member(
        group=Group.objects.get(contract__number="BU6"),
        msisdn="+355677706001",
        name="Elira",
        plan="standard_prepaid",
        at=THEN,
    )
    undone(file)
    assert (file.state, file.refusal["en"][:45]) == (
        "loaded",
        "A number, a seat or a fixed number that this ",
    )
    assert PlaceTaken.code == "place_taken"


def test_only_the_last_file_is_undone() -> None:
    file = loaded(numbered(body(A + "," + ELIRA), 7))
    loaded(numbered(body(A + "," + ELIRA), 8), when=LATER)
    with pytest.raises(NotTheLastFile):
        undone(file)


def test_the_database_removes_nothing_outside_of_an_undo() -> None:
    loaded(numbered(body(A + "," + ELIRA), 9))
    member = Membership.objects.get(group__contract__number="AU9")
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        member.delete()
    BaseImport.objects.update(undone_in=1)
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        member.delete()
    membership.remove_member(membership=member, at=LATER)
    with pytest.raises(DatabaseError, match="stays ended"), transaction.atomic():
        Membership.objects.filter(pk=member.pk).update(left_on=None, left_at=None)


def test_a_file_that_changed_nothing_is_undone_without_ado() -> None:
    text = numbered(body(A + "," + ELIRA), 10)
    loaded(text)
    file = loaded(text.replace("#rows=1", "\n#rows=1"), when=LATER)
    before = what_stands("AU10")
    assert (file.figures["contracts_unchanged"], undone(file).state) == (1, "undone")
    assert what_stands("AU10") == before
