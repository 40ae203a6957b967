"""kill -9 of 130 during a call: only real activations are charged (E16).

The next call finds the true state.
"""

from pathlib import Path

import pytest

from klikon.ivr.dialogue.turns import say_no
from klikon.ivr.models import PhoneCall
from klikon.models import LeaderAssignment
from tests.factories import family_with_leader
from tests.faults.answering import answering
from tests.klikon.ivr.telephone import active_since, heard, keys, keys_and_stay, lek_spent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_prompts")]


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


def test_before_the_yes_nothing_stands_and_the_next_call_begins_anew(
    leader: LeaderAssignment, tmp_path: Path
) -> None:
    number = leader.member.msisdn
    with answering(tmp_path / "first") as first:
        first.call(number, lambda phone: keys_and_stay(phone, "21"))
        first.kill()
    assert lek_spent(leader) == []
    assert PhoneCall.objects.get(caller=number).ended_at is None
    with answering(tmp_path / "second") as second:
        second.call(number, keys("211"))
    assert lek_spent(leader) == [500]


def test_after_the_yes_before_its_commit_nothing_stands_and_the_next_call_begins_anew(
    leader: LeaderAssignment, tmp_path: Path
) -> None:
    number = leader.member.msisdn
    with answering(tmp_path / "first", moment="in the activation's transaction") as first:
        first.call(number, first.yes_and_stop)
        first.kill()
    assert lek_spent(leader) == []
    with answering(tmp_path / "second") as second:
        second.call(number, keys("211"))
    assert lek_spent(leader) == [500]


def test_e16_after_the_commit_the_next_call_says_since_when_and_it_is_charged_once(
    leader: LeaderAssignment, tmp_path: Path
) -> None:
    number = leader.member.msisdn
    with answering(tmp_path / "first", moment="activated, not said") as first:
        first.call(number, first.yes_and_stop)
        first.kill()
    assert lek_spent(leader) == [500]
    with answering(tmp_path / "second") as second:
        phone = second.call(number, keys("212"))
    since = active_since(leader)
    assert since is not None
    assert heard(phone, say_no(since))
    assert lek_spent(leader) == [500]
