"""The Declaration at the counter: with a code, without a phone, with a blank, by a proxy (R3)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from groups import contact
from groups.models import Group
from klikon.activation.activate import activate
from klikon.desk.models import Draft, Letter, Paper, ScanPage
from klikon.models import Channel, Declaration, DeclarationPaper, LeaderAssignment
from superfamilja.messages.models import OutgoingMessage
from tests.desk.counter import WITH_A_PROXY, Counter
from tests.factories import catalogue
from tests.portal.families import signed_in as family_signed_in
from tests.proofs import seen_paper

pytestmark = pytest.mark.django_db


def second(group: Group) -> int:
    return group.memberships.get(seat=2).pk


def leads(group: Group) -> list[int]:
    return [a.member.seat for a in LeaderAssignment.objects.in_force().filter(group=group)]


def waiting(clerk: Counter, group: Group) -> Draft:
    """Return a signed and scanned Declaration of a payer without a phone, sent to the manager."""
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    draft.refresh_from_db()
    return draft


def test_with_the_code_it_is_in_force_at_once(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    page = clerk.post("confirm_draft", draft.pk, code=clerk.read_out(draft))
    assert "The Declaration is in force. The Mobile Leader is named." in page
    assert "Scan the signed paper today" in page
    assert leads(group) == [2]
    declaration, paper = Declaration.objects.get(), Paper.objects.get()
    assert declaration.reference == paper.reference
    assert declaration.store == clerk.store
    assert not declaration.by_letter
    assert declaration.evidence.startswith(
        f"{paper.reference}; letërnjoftim AB123456; kod me SMS te "
    )
    assert bytes(declaration.paper.content) == bytes(paper.content or b"")


def test_the_leader_can_activate_from_then_on(clerk: Counter, group: Group) -> None:
    catalogue()
    clerk.declare(group.contract, second(group))
    besnik = group.memberships.get(seat=2).msisdn
    done = activate(
        leader=besnik,
        member=besnik,
        package="S700",
        at=timezone.now(),
        channel=Channel.IVR,
        client="test",
        key="1",
    )
    assert done.charged_lek == 500


def test_a_wrong_code_names_nobody_and_says_what_is_left(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    right = clerk.read_out(draft)
    wrong = "000000" if right != "000000" else "111111"
    assert "Tries left: 2" in clerk.post("confirm_draft", draft.pk, code=wrong)
    assert leads(group) == []
    clerk.go_by("confirm_draft", draft.pk, code=right)
    assert leads(group) == [2]


def test_a_signature_without_a_code_is_not_enough(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    assert "The signature alone is not enough" in clerk.post("confirm_draft", draft.pk)
    assert leads(group) == []


def test_a_code_is_good_for_the_paper_that_was_printed(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    code = clerk.read_out(draft)
    clerk.filled(draft, member=group.memberships.get(seat=3).pk)
    clerk.sign(draft)
    assert "The signature alone is not enough" in clerk.post("confirm_draft", draft.pk, code=code)
    assert leads(group) == []
    assert Paper.objects.filter(voided_at=None).count() == 1
    assert Paper.objects.count() == 2


def test_while_the_contact_is_not_proven_the_number_before_speaks_for_the_payer(
    clerk: Counter, group: Group
) -> None:
    old = group.contract.contact_msisdn
    contact.change_contact(
        proof=seen_paper(group.contract, "change_contact"),
        contract=group.contract,
        msisdn="+355692222222",
        evidence="doc",
        at=timezone.now(),
    )
    group.contract.refresh_from_db()
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    assert "The contact mobile is not proven yet" in clerk.page("draft", draft.pk)
    clerk.go_by("send_shop_code", draft.pk)
    assert OutgoingMessage.objects.get(template="code_for_shop").recipient == old


def test_sent_twice_it_is_declared_once(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    code = clerk.read_out(draft)
    for _ in range(2):
        page = clerk.post("confirm_draft", draft.pk, code=code)
        assert "The Declaration is in force." in page
    assert Declaration.objects.count() == 1


def test_without_a_phone_a_second_person_decides(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = waiting(clerk, group)
    assert (draft.state, leads(group)) == ("waiting", [])
    assert "Until then nothing is in force" in clerk.page("draft", draft.pk)
    manager.go_by("approve_draft", draft.pk)
    assert leads(group) == [2]
    declaration = Declaration.objects.get()
    assert declaration.by_letter
    assert declaration.recorded_by == manager.user
    assert declaration.evidence.endswith("; shkresa e nënshkruar u pa nga Arta Prova")
    assert Letter.objects.get().paper.draft.declaration == declaration


def test_without_a_scan_nothing_goes_to_the_manager(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    assert "Scan the signed paper first" in clerk.post("send_for_approval", draft.pk)
    draft.refresh_from_db()
    assert draft.state == "open"


def test_nobody_approves_what_he_served_himself(manager: Counter, group: Group) -> None:
    draft = waiting(manager, group)
    said = manager.post("approve_draft", draft.pk)
    assert "a second person has to approve it" in said
    assert leads(group) == []


def test_a_clerk_approves_nothing(clerk: Counter, group: Group) -> None:
    draft = waiting(clerk, group)
    Counter().go_by("approve_draft", draft.pk)
    assert leads(group) == []


def test_without_a_reason_nothing_comes_back(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = waiting(clerk, group)
    assert "Write the reason: it stands" in manager.post("send_back_draft", draft.pk, reason=" ")
    draft.refresh_from_db()
    assert draft.state == "waiting"


def test_what_is_not_right_comes_back_with_a_reason(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = waiting(clerk, group)
    manager.go_by("send_back_draft", draft.pk, reason="The signature is missing.")
    page = clerk.page("draft", draft.pk)
    assert "The manager sent it back:" in page
    assert "The signature is missing." in page
    clerk.go_by("confirm_draft", draft.pk, code=clerk.read_out(draft))
    assert leads(group) == [2]
    assert not Declaration.objects.get().by_letter


def desk_lists(counter: Counter) -> tuple[str, str]:
    """Return the desk's lists: own open requests, and the shop's others."""
    own = counter.page("desk").split("My open requests")[1].split("Open requests of this shop")
    return own[0], own[1].split("Waiting for the manager")[0]


def test_what_came_back_is_the_task_of_who_served_it_and_not_of_who_sent_it_back(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft, colleague = waiting(clerk, group), Counter()
    manager.go_by("send_back_draft", draft.pk, reason="The signature is missing.")
    line = reverse("draft", args=[draft.pk])
    mine, others = desk_lists(clerk)
    assert line in mine
    assert "came back" in mine
    assert line not in others
    for somebody in (manager, colleague):
        mine, others = desk_lists(somebody)
        assert line not in mine
        assert line in others


def test_what_came_back_is_the_task_of_the_colleague_who_scanned_it_too(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    colleague = Counter()
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    colleague.scanned(draft)
    colleague.go_by("send_for_approval", draft.pk)
    manager.go_by("send_back_draft", draft.pk, reason="The signature is missing.")
    assert reverse("draft", args=[draft.pk]) in desk_lists(colleague)[0]


def test_with_the_printer_out_a_numbered_blank_is_signed(clerk: Counter, group: Group) -> None:
    answer = clerk.client.post("/desk/blanks/", {"count": "2"})
    assert answer.headers["Content-Type"] == "application/pdf"
    draft = clerk.begin("name_leader", group.contract)
    clerk.filled(draft, member=second(group))
    number = draft.store.blanks.earliest("pk").number
    clerk.go_by("use_blank", draft.pk, number=number.lower())
    draft.refresh_from_db()
    clerk.go_by("confirm_draft", draft.pk, code=clerk.read_out(draft))
    assert leads(group) == [2]
    assert f"; {number}; " in Declaration.objects.get().evidence


def test_of_a_declaration_on_a_blank_no_pdf_is_drawn_and_the_payer_reads_where_it_lies(
    clerk: Counter, group: Group
) -> None:
    clerk.client.post("/desk/blanks/", {"count": "1"})
    draft = clerk.begin("name_leader", group.contract)
    clerk.filled(draft, member=second(group))
    number = clerk.store.blanks.get().number
    clerk.go_by("use_blank", draft.pk, number=number)
    clerk.go_by("confirm_draft", draft.pk, code=clerk.read_out(draft))
    clerk.scanned(draft)
    declaration = Declaration.objects.get()
    payer = family_signed_in(group.contract.contact_msisdn)
    answer = payer.get(reverse("declaration_pdf", args=[declaration.pk]))
    page = reverse("declaration", args=[declaration.pk])
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    shown = payer.get(page).content.decode()
    assert f"numbered form {number}, in the folder of the shop Tirana 3" in shown
    assert "The Declaration as PDF" not in shown
    assert not DeclarationPaper.objects.exists()
    of_the_shop = clerk.page("draft", draft.pk)
    assert f"blank form {number}" in of_the_shop
    assert reverse("scan_page", args=[ScanPage.objects.get().pk]) in of_the_shop


def test_of_a_declaration_that_was_printed_the_payer_has_the_pdf(
    clerk: Counter, group: Group
) -> None:
    declaration = clerk.declare(group.contract, second(group)).declaration
    assert declaration is not None
    payer = family_signed_in(group.contract.contact_msisdn)
    shown = payer.get(reverse("declaration", args=[declaration.pk])).content.decode()
    link = reverse("declaration_pdf", args=[declaration.pk])
    assert link in shown
    assert payer.get(link).headers["Content-Type"] == "application/pdf"


def test_a_blank_is_good_once_and_in_its_own_shop(clerk: Counter, group: Group) -> None:
    other = Counter(store="D02")
    clerk.client.post("/desk/blanks/", {"count": "1"})
    number = clerk.store.blanks.get().number
    draft = other.begin("close_group", group.contract)
    other.filled(draft)
    assert "is no unused blank form of this shop" in other.post(
        "use_blank", draft.pk, number=number
    )
    mine = clerk.begin("close_group", group.contract)
    clerk.filled(mine)
    clerk.go_by("use_blank", mine.pk, number=number)
    again = clerk.begin("change_contact", group.contract)
    clerk.filled(again, msisdn="069 222 2222")
    assert "is no unused blank form of this shop" in clerk.post(
        "use_blank", again.pk, number=number
    )


def test_a_proxy_declares_in_his_name_for_the_payer(clerk: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=second(group), **WITH_A_PROXY)
    clerk.go_by("confirm_draft", draft.pk, code=clerk.read_out(draft))
    declaration = Declaration.objects.get()
    assert declaration.signatory_name == "Petrit Prokura"
    assert "prokurë nr. 1204/3, datë 24.11.2026" in declaration.evidence


def test_the_code_says_in_the_sms_who_may_spend_what_and_where(
    clerk: Counter, group: Group
) -> None:
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    code = clerk.read_out(draft)
    sms = OutgoingMessage.objects.get(template="code_for_shop")
    assert sms.recipient == group.contract.contact_msisdn
    assert sms.parameters["limit_lek"] == 6500
    assert sms.parameters["shop"] == "Tirana 3"
    assert len(code) == 6


def test_what_is_approved_is_what_the_manager_saw(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = waiting(clerk, group)
    seen = draft.version
    clerk.go_by("discard_draft", draft.pk)
    clerk.go_by("restore_draft", draft.pk)
    clerk.filled(draft, member=group.memberships.get(seat=3).pk)
    clerk.sign(draft)
    clerk.scanned(draft, colour="gray")
    clerk.go_by("send_for_approval", draft.pk)
    said = manager.post("approve_draft", draft.pk, version=seen)
    assert "Nothing was done: look at the paper once more." in said
    assert leads(group) == []
    manager.go_by("approve_draft", draft.pk)
    assert leads(group) == [3]


def test_the_manager_s_page_says_what_he_saw(
    clerk: Counter, manager: Counter, group: Group
) -> None:
    draft = waiting(clerk, group)
    shown = f'name="version" value="{draft.version}"'
    assert shown in manager.page("draft", draft.pk)


def test_a_page_of_before_confirms_nothing(clerk: Counter, group: Group) -> None:
    first, other = group.memberships.get(seat=1).pk, group.memberships.get(seat=3).pk
    draft = clerk.printed("remove_member", group.contract, member=first)
    seen = draft.version
    Counter().filled(draft, member=other)
    Counter().sign(draft)
    said = clerk.post("confirm_draft", draft.pk, version=seen)
    assert "Nothing was done: look at the paper once more." in said
    assert group.memberships.current().count() == 3


def test_who_typed_is_no_second_person(clerk: Counter, manager: Counter, group: Group) -> None:
    draft = clerk.begin("name_leader", group.contract)
    manager.filled(draft, member=second(group))
    clerk.filled(draft, member=group.memberships.get(seat=3).pk)
    clerk.sign(draft)
    clerk.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    assert "Yes, it comes into force" not in manager.page("draft", draft.pk)
    assert "a second person has to approve it" in manager.post("approve_draft", draft.pk)
    assert leads(group) == []


def test_who_scanned_is_no_second_person(clerk: Counter, manager: Counter, group: Group) -> None:
    draft = clerk.printed("name_leader", group.contract, member=second(group))
    manager.scanned(draft)
    clerk.go_by("send_for_approval", draft.pk)
    assert "Yes, it comes into force" not in manager.page("draft", draft.pk)
    assert "a second person has to approve it" in manager.post("approve_draft", draft.pk)
    assert leads(group) == []
