"""While the database stands still, pages are read, writing is refused, and both say why (R36)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from klikon.activation.activate import activate
from klikon.comparison.models import ComparedOrder
from klikon.ivr.dialogue import dialogue
from klikon.ivr.dialogue import questions as ask
from klikon.ivr.dialogue.turns import End, Look
from klikon.ivr.facts import CallFacts
from klikon.ivr.models import Adapter
from klikon.models import Channel
from klikon.provisioning import delivery as provisioning
from superfamilja.accounts.roles import BILLING_APPROVER, BILLING_REVIEWER
from superfamilja.epoch import standing
from superfamilja.epoch.models import Halt
from superfamilja.epoch.refusals import Halted
from superfamilja.messages import delivery as messages
from tests.epoch.standing_still import compared, halted, line
from tests.factories import at, family_with_leader
from tests.klikon.provisioning.charging import NOW, ordered
from tests.portal.families import signed_in
from tests.signing_in import sign_in, staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process know that the database was restored."""
    monkeypatch.setattr(standing, "why_halted", lambda: "reloaded")


def test_the_verb_refuses(still: None) -> None:
    leader = family_with_leader()[1].member.msisdn
    with pytest.raises(Halted):
        activate(
            leader=leader,
            member=leader,
            package="S700",
            at=NOW,
            channel=Channel.WEB,
            client="c",
            key="k",
        )


def test_where_the_database_noticed_first_the_verb_refuses_too() -> None:
    leader = family_with_leader()[1].member.msisdn
    halted()
    with pytest.raises(Halted):
        activate(
            leader=leader,
            member=leader,
            package="S700",
            at=NOW,
            channel=Channel.WEB,
            client="c",
            key="k",
        )


def test_nothing_is_delivered(still: None, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ordered_while_open(monkeypatch)
    assert provisioning.deliver(order.reference, lambda: NOW) is None
    assert provisioning.deliver_due(lambda: NOW) == 0
    assert messages.deliver_due(NOW) == {}
    order.refresh_from_db()
    assert order.attempt == 0


def ordered_while_open(monkeypatch: pytest.MonkeyPatch) -> Any:
    with monkeypatch.context() as before:
        before.setattr(standing, "why_halted", lambda: None)
        return ordered()


def test_130_says_one_sentence_and_ends(still: None) -> None:
    turn = dialogue.begin("+355670000001")
    facts = CallFacts(adapter=Adapter.SIP, call_id="1")
    assert facts.answer(ask.WhoCalls("+355670000001")) == ask.Standstill()
    assert isinstance(turn.wants, Look)
    after = dialogue.hear(turn, turn.wants.put_to(facts))
    assert [said.key for said in after.says] == ["halted", "goodbye"]
    assert isinstance(after.wants, End)


def test_a_family_reads_and_writes_nothing(still: None) -> None:
    leading = family_with_leader()[1]
    client = signed_in(leading.member.msisdn)
    page = client.get(reverse("family"), follow=True)
    assert page.status_code == 200
    assert "only reads at the moment" in page.content.decode()
    sent = client.post(reverse("choose"), {"package": "S700", "pin": "4711"})
    said = sent.content.decode()
    assert (sent.status_code, sent["Retry-After"]) == (503, "300")
    assert 'name="package" value="S700"' in said  # what was typed may be sent again
    assert "4711" not in said


def test_who_is_not_signed_in_gets_no_code(still: None) -> None:
    sent = Client().post(reverse("family_sign_in"), {"number": "067 123 4567"})
    assert sent.status_code == 503


def test_a_callback_is_to_come_again(still: None) -> None:
    sent = Client().post(reverse("charging_callback"), b"{}", content_type="application/json")
    assert (sent.status_code, sent["Retry-After"]) == (503, "300")


def test_staff_may_sign_in(still: None) -> None:
    sent = Client().post(reverse("account_login"), {"login": "nobody", "password": "x"})
    assert sent.status_code == 200


LOST = "KN-LOST-0001"
OTHERWISE = {"reference": LOST, "how": "accepted"}


def test_two_people_go_through_the_pages(still: None, own_mark: None) -> None:
    leading = family_with_leader()[1]
    halt = halted()
    line(halt, leading.member.msisdn)
    one = sign_in(Client(), staff_member(BILLING_REVIEWER))
    two = sign_in(Client(), staff_member(BILLING_APPROVER))
    typed = {"which": "missing_here", "how": "charged", "reference": "", "reason": "restored"}
    assert confirm(one, "propose_ending", halt, typed).status_code == 302
    assert "pret një person të dytë" in one.get(reverse("after_restore")).content.decode()
    mine = confirm(one, "confirm_endings", halt, {"reason": "mine"}).content.decode()
    assert "askush tjetër nuk ka propozuar" in mine
    looked = {"seen": shown(two, "confirm_endings", halt), "reason": "seen"}
    assert confirm(one, "propose_ending", halt, {**typed, **OTHERWISE}).status_code == 302
    assert "ka ndryshuar" in confirm(two, "confirm_endings", halt, looked).content.decode()
    assert confirm(one, "propose_ending", halt, {**typed, "reference": LOST}).status_code == 302
    looked["seen"] = shown(two, "confirm_endings", halt)
    assert confirm(two, "confirm_endings", halt, looked).status_code == 302
    assert ComparedOrder.objects.get().ending == "charged"
    go_on = {"send_waiting": "no", "reason": "they agree"}
    assert confirm(two, "propose_end_of_halt", halt, go_on).status_code == 302
    assert confirm(one, "end_halt", halt, {"reason": "unseen"}).status_code == 200
    looked = {"seen": shown(one, "end_halt", halt), "reason": "they do"}
    assert confirm(one, "end_halt", halt, looked).status_code == 302
    assert Halt.objects.get().ended_at is not None


def shown(client: Client, name: str, halt: Halt) -> str:
    """Return what the page keeps of the proposals that it shows."""
    page = client.get(reverse(name, args=[halt.pk]))
    return str(page.context["form"]["seen"].value())


def confirm(client: Client, name: str, halt: Halt, typed: dict[str, str]) -> Any:
    return client.post(reverse(name, args=[halt.pk]), {**typed, "step": "confirm"})


def test_the_list_asks_as_often_for_fifty_lines_as_for_one(
    django_assert_max_num_queries: Any,
) -> None:
    halt = halted()
    compared(halt)
    client = sign_in(Client(), staff_member(BILLING_REVIEWER))
    line(halt, "+355670000001", "KN-LOST-0000")
    client.get(reverse("after_restore"))
    for number in range(1, 50):
        line(halt, "+355670000001", f"KN-LOST-{number:04d}", taken_at=at("2026-11-05 14:05"))
    with django_assert_max_num_queries(20):
        client.get(reverse("after_restore"))
