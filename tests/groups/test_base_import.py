"""The subscriber file: its master columns, what moves, and what it reports. Literals only."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from groups import membership
from groups.base_import import import_base, merge
from groups.base_import.columns import COLUMNS
from groups.management.commands.make_base import make
from groups.models import BaseImport, Contract, Group, Membership
from klikon.payer import asking, limits
from superfamilja.audit.models import Act
from superfamilja.data.csv_files import FileRefused
from tests.factories import MembershipFactory, at, terms_of_its_own

pytestmark = pytest.mark.django_db
NOW = at("2026-11-20 10:00")
HEAD = ",".join(COLUMNS)
A = "A1,042000001,active,J10000001A,Drita Dardha,0690000001,,Rruga e Provës 1,,2024-01-10,"
B = "B1,042000002,active,J10000002B,Agron Molla,0690000002,,Rruga e Provës 2,,2024-01-10,"
ELIRA = "0671000001,Elira,standard_prepaid,2024-01-10,"
BESNIK = "0671000002,Besnik,super_riniring,2024-02-01,"
MIRA = "0671000003,Mira,standard_prepaid,2024-03-01,"


@pytest.fixture
def bring(tmp_path: Path) -> Iterator[Any]:
    """Import these rows; return the figures that are not zero, and (line, code) of rejects."""
    path = tmp_path / "feed.csv"

    def run(*rows: str, **options: Any) -> tuple[dict[str, int], list[tuple[int, str]]]:
        path.write_text("\n".join([options.pop("head", HEAD), *rows, ""]), encoding="utf-8")
        outcome = import_base(path, at=options.pop("now", NOW), **options)
        rejected = []
        if outcome.rejects:
            with outcome.rejects.open(encoding="utf-8") as file:
                rejected = [(int(row["line"]), row["code"]) for row in csv.DictReader(file)]
        figures = {k: v for k, v in outcome.figures.items() if v and not k.startswith("rows")}
        return figures, rejected

    return run


def current() -> set[tuple[str, str, int]]:
    """Return who has which seat: contract, number, seat."""
    return set(
        Membership.objects.current().values_list("group__contract__number", "msisdn", "seat")
    )


def planted_in(base: Path) -> set[tuple[str, str]]:
    """Return (line, code) of the damage that was planted in that file."""
    with base.with_suffix(".damage.csv").open(encoding="utf-8") as file:
        return {(row["line"], row["code"]) for row in csv.DictReader(file)}


def rejected_from(base: Path) -> set[tuple[str, str]]:
    """Return (line, code) of what was rejected from that file."""
    with base.with_suffix(".rejects.csv").open(encoding="utf-8") as file:
        return {(row["line"], row["code"]) for row in csv.DictReader(file)}


def test_a_family_comes_in_with_seats_in_the_order_of_the_file(bring: Any) -> None:
    figures, rejected = bring(A + "," + ELIRA, A + "," + BESNIK)
    assert (figures, rejected) == (
        {"contracts_new": 1, "groups_opened": 1, "members_new": 2},
        [],
    )
    assert current() == {("A1", "+355671000001", 1), ("A1", "+355671000002", 2)}


def test_the_same_file_again_changes_nothing_and_says_so(bring: Any, tmp_path: Path) -> None:
    bring(A + "," + ELIRA)
    outcome = import_base(tmp_path / "feed.csv", at=NOW)
    assert outcome.changed_nothing
    assert outcome.figures["contracts_unchanged"] == 1


def test_an_import_is_recorded_as_one_act_with_its_figures(bring: Any) -> None:
    bring(A + "," + ELIRA)
    act = Act.objects.get(verb="import_base")
    assert (act.details["figures"]["contracts_new"], act.details["figures"]["members_new"]) == (
        1,
        1,
    )
    assert BaseImport.objects.get().step == "done"


def test_a_dry_run_writes_nothing_and_gives_the_same_figures(bring: Any) -> None:
    rows = (A + "," + ELIRA, B + "," + BESNIK)
    dry = bring(*rows, dry_run=True)
    assert (Contract.objects.count(), BaseImport.objects.count(), Act.objects.count()) == (0, 0, 0)
    assert bring(*rows) == dry


def test_the_crm_is_master_of_the_contract(bring: Any) -> None:
    bring(A + "," + ELIRA)
    figures, _ = bring(A.replace("active", "suspended").replace("Provës 1", "Re 9") + "," + ELIRA)
    contract = Contract.objects.get()
    assert figures == {"contracts_changed": 1, "contracts_touched": 1}
    assert (contract.status, contract.service_address) == ("suspended", "Rruga e Re 9")
    assert contract.events.count() == 1


def test_a_row_that_is_missing_changes_nothing(bring: Any) -> None:
    bring(A + "," + ELIRA, A + "," + BESNIK, B + "," + MIRA)
    assert bring(A + "," + ELIRA)[0] == {"contracts_unchanged": 1}
    assert len(current()) == 3


def test_left_on_ends_a_membership_and_only_that_one(bring: Any) -> None:
    bring(A + "," + ELIRA, A + "," + BESNIK)
    figures, _ = bring(A + "," + ELIRA + "2026-11-01", A + "," + BESNIK)
    assert figures == {"members_left": 1, "contracts_touched": 1}
    assert current() == {("A1", "+355671000002", 2)}


def test_closed_on_closes_the_group_and_ends_its_memberships(bring: Any) -> None:
    bring(A + "," + ELIRA, A + "," + BESNIK)
    figures, _ = bring(A + "2026-11-01," + ELIRA)
    assert figures == {"members_left": 2, "groups_closed": 1, "contracts_touched": 1}
    assert not current()


def test_a_member_whom_we_removed_stays_removed(bring: Any) -> None:
    bring(A + "," + ELIRA, A + "," + BESNIK)
    membership.remove_member(membership=Membership.objects.get(seat=1), at=NOW)
    assert bring(A + "," + ELIRA, A + "," + BESNIK)[0] == {"contracts_unchanged": 1}
    assert current() == {("A1", "+355671000002", 2)}


def test_a_group_that_we_closed_takes_no_new_member(bring: Any) -> None:
    bring(A + "," + ELIRA)
    membership.close_group(group=Group.objects.get(), at=NOW)
    assert bring(A + "," + ELIRA, A + "," + BESNIK)[1] == [
        (2, "contract_left_out"),
        (3, "group_closed_here"),
    ]


def test_what_the_portal_added_some_days_before_the_crm_is_the_same_member(bring: Any) -> None:
    bring(A + "," + ELIRA)
    membership.add_member(
        group=Group.objects.get(),
        msisdn="+355671000002",
        name="Besnik",
        plan="super_riniring",
        at=at("2026-11-10 09:00"),
    )
    later = BESNIK.replace("2024-02-01", "2026-11-12")
    assert bring(A + "," + ELIRA, A + "," + later)[0] == {"contracts_unchanged": 1}


def test_a_member_whose_plan_becomes_one_that_is_not_allowed_is_told_to_the_crm(bring: Any) -> None:
    bring(A + "," + ELIRA)
    other = ELIRA.replace("standard_prepaid", "postpaid_plus")
    assert bring(A + "," + other)[1] == [(2, "plan_not_allowed")]
    assert Membership.objects.get().plan == "standard_prepaid"


def test_a_newcomer_takes_the_lowest_free_seat(bring: Any) -> None:
    bring(A + "," + ELIRA, A + "," + BESNIK)
    membership.remove_member(membership=Membership.objects.get(seat=1), at=NOW)
    assert bring(A + "," + MIRA)[0] == {"members_new": 1, "contracts_touched": 1}
    assert current() == {("A1", "+355671000002", 2), ("A1", "+355671000003", 1)}


def test_a_member_moves_from_one_contract_to_another_in_one_file(bring: Any) -> None:
    bring(A + "," + ELIRA, B + "," + MIRA)
    moved = ELIRA.replace("2024-01-10", "2026-11-01")
    figures, rejected = bring(B + "," + moved, A + "," + ELIRA + "2026-11-01")
    assert (figures["members_left"], figures["members_new"], rejected) == (1, 1, [])
    assert current() == {("B1", "+355671000001", 2), ("B1", "+355671000003", 1)}


def test_who_waits_for_a_rejected_contract_is_rejected_too(bring: Any) -> None:
    bring(A + "," + ELIRA, B + "," + MIRA)
    moved = ELIRA.replace("2024-01-10", "2026-11-01")
    bad = A.replace("active", "aktiv")
    assert bring(bad + "," + ELIRA + "2026-11-01", B + "," + moved)[1] == [
        (2, "unknown_status"),
        (3, "number_in_a_group"),
    ]
    assert current() == {("A1", "+355671000001", 1), ("B1", "+355671000003", 1)}


def test_a_fixed_number_passes_to_the_contract_that_follows(bring: Any) -> None:
    bring(A + "," + ELIRA)
    new = B.replace("042000002", "042000001")
    figures, rejected = bring(new + "," + MIRA, A.replace("active", "ended") + "," + ELIRA)
    assert (figures["contracts_new"], figures["contracts_changed"], rejected) == (1, 1, [])


def test_a_fixed_number_that_another_contract_still_holds_is_refused(bring: Any) -> None:
    bring(A + "," + ELIRA)
    assert bring(B.replace("042000002", "042000001") + "," + MIRA)[1] == [(2, "fixed_number_taken")]


def test_a_contract_without_members_has_empty_cells(bring: Any) -> None:
    assert bring(A + ",,,,,")[0] == {"contracts_new": 1, "groups_opened": 1}


def test_a_row_that_stands_twice_takes_one_seat(bring: Any) -> None:
    four = [f"067100001{n},Kush,standard_prepaid,2024-01-10," for n in range(4)]
    rows = [A + "," + row for row in (*four, four[3])]
    assert bring(*rows)[1][-1] == (6, "repeated_row")


def test_a_member_of_the_past_needs_no_seat_of_today(bring: Any) -> None:
    past = [f"067200000{n},Kush,standard_prepaid,2024-01-1{n},2024-06-01" for n in range(5)]
    figures, rejected = bring(A + "," + ELIRA, *(A + "," + row for row in past))
    assert (figures["members_new"], rejected) == (6, [])


def test_a_byte_order_mark_is_accepted(bring: Any) -> None:
    assert bring(A + "," + ELIRA, head="\ufeff" + HEAD)[0]["contracts_new"] == 1


def test_semicolons_for_commas_are_accepted(bring: Any) -> None:
    row = (A + "," + ELIRA).replace(",", ";")
    assert bring(row, head=HEAD.replace(",", ";"))[0]["contracts_new"] == 1


def test_a_missing_column_refuses_the_whole_file_and_names_it(bring: Any) -> None:
    with pytest.raises(FileRefused, match="owner_nid, member_plan") as refused:
        bring(A, head=HEAD.replace("owner_nid,", "").replace("member_plan,", ""))
    assert refused.value.code == "missing_column"


def test_a_file_in_utf_16_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(HEAD, encoding="utf-16")
    with pytest.raises(FileRefused, match="CSV UTF-8"):
        import_base(path, at=NOW)


def test_every_planted_damage_is_found_at_its_line_with_its_code(tmp_path: Path) -> None:
    base = tmp_path / "base.csv"
    make(120, 7, base, with_damage=True)
    outcome = import_base(base, at=NOW)
    planted, found = planted_in(tmp_path / "base"), rejected_from(tmp_path / "base")
    assert len(planted) == 26
    assert planted <= found
    extra = {code for _line, code in found - planted}
    assert extra == {"contract_left_out", "closed_before_opened", "joined_after_closing"}
    assert outcome.figures["contracts_new"] == 95


def test_a_damaged_base_differs_from_the_sound_one_only_where_damage_was_planted(
    tmp_path: Path,
) -> None:
    make(120, 7, tmp_path / "sound.csv")
    make(120, 7, tmp_path / "copy.csv", with_damage=True)
    sound = (tmp_path / "sound.csv").read_bytes().splitlines()
    copy = (tmp_path / "copy.csv").read_bytes().splitlines()
    kept = set(sound) & set(copy)
    # Three of the twenty-four kinds only add a row, and one of those repeats a row.
    assert len({line.split(b",")[0] for line in set(sound) - kept}) == 21
    assert len({line.split(b",")[0] for line in set(copy) - kept}) == 23
    assert [line for line in sound if line in kept] == list(
        dict.fromkeys(line for line in copy if line in kept)
    )


def test_a_damaged_copy_of_the_base_changes_nothing_that_was_sound(tmp_path: Path) -> None:
    make(120, 7, tmp_path / "sound.csv")
    make(120, 7, tmp_path / "copy.csv", with_damage=True)
    import_base(tmp_path / "sound.csv", at=NOW)
    before = current()
    assert import_base(tmp_path / "copy.csv", at=NOW).changed_nothing
    assert current() == before
    assert len(planted_in(tmp_path / "copy")) == 26
    assert planted_in(tmp_path / "copy") <= rejected_from(tmp_path / "copy")


def test_a_base_too_small_for_every_damage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="too few for every kind of damage"):
        make(30, 7, tmp_path / "base.csv", with_damage=True)


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make(50, 3, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_made_base_comes_in_without_a_reject(tmp_path: Path) -> None:
    make(300, 11, tmp_path / "base.csv")
    assert import_base(tmp_path / "base.csv", at=NOW).rejects is None


def test_r19_a_member_who_was_added_since_the_plan_leaves_no_room(bring: Any) -> None:
    """Two members are allowed and four seats exist: seat numbers alone would allow a third."""
    bring(A + "," + ELIRA)
    group = Group.objects.get()
    terms_of_its_own(group, members_max=2)
    real, served = merge.batches_with_work, iter([True])

    def served_meanwhile() -> list[int]:
        if next(served, False):
            MembershipFactory(group=group, seat=2)
        return real()

    with mock.patch("groups.base_import.merge.batches_with_work", served_meanwhile):
        _, rejected = bring(A + "," + ELIRA, A + "," + BESNIK)
    assert (3, "group_full") in rejected
    assert group.memberships.current().count() == 2


def test_a_group_that_the_file_closes_and_opens_keeps_what_the_payer_set(bring: Any) -> None:
    """R30: a file lifts neither the group's limit and “ask me first” nor a member's limit."""
    bring(A + "," + ELIRA)
    group = Group.objects.get()
    limits.set_limit(group=group, limit_lek=1500, at=NOW)
    limits.set_limit(group=group, member=group.memberships.get(), limit_lek=500, at=NOW)
    asking.set_ask_above(group=group, above_lek=600, at=NOW)
    closed = A + "2026-11-20," + ELIRA + "2026-11-20"
    anew = A.replace("2024-01-10", "2026-11-20") + "," + ELIRA.replace("2024-01-10", "2026-11-20")
    bring(closed, anew)
    opened = Group.objects.get(closed_on=None)
    assert opened.pk != group.pk
    of_group = limits.limit_of(opened, None)
    of_elira = limits.limit_of(opened, opened.memberships.get())
    asked = asking.ask_above_of(opened)
    assert (of_group and of_group.limit_lek) == 1500
    assert (of_elira and of_elira.limit_lek) == 500
    assert (asked and asked.above_lek) == 600
