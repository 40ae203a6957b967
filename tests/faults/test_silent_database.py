"""A database that refuses, is silent, or loses a COMMIT or its answer (R21).

The page gets 503 and keeps its text and its key, nothing is charged twice, and other pages are
served meanwhile. The promise is three seconds. It follows from the limits, which are asserted as
literals. Each answer itself only has to come before a hard limit, because a busy machine is no hung
request.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

import pytest
from django.db import transaction
from django.urls import reverse

from groups.models import Group
from klikon.models import Activation, LeaderAssignment
from superfamilja import settings as ours
from superfamilja.data import database_bounds
from tests.factories import family_with_leader
from tests.faults.portal import HARD_LIMIT, Answer, Portal, portal
from tests.faults.proxy import Fault, Proxy, proxied
from tests.portal.families import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "k" * 32
BOUNDS_OFF = {"WEB_DATABASE_SECONDS": "3600"}
SORRY = (
    "Portali nuk përgjigjet dot në këtë çast",
    "The portal cannot answer at this moment",
)
UNKNOWN = (
    "Ende nuk e dimë nëse ajo që dërguat u krye.",
    "We do not know yet whether what you sent was done.",
)


@pytest.fixture
def leader() -> LeaderAssignment:
    return family_with_leader()[1]


@pytest.fixture
def wire() -> Iterator[Proxy]:
    with proxied() as proxy:
        yield proxy


@pytest.fixture
def served(wire: Proxy, leader: LeaderAssignment) -> Iterator[Portal]:
    with portal(wire.url, signed_in(leader.member.msisdn)) as there:
        assert there.get(path_of(leader)).status == 200  # the pool has a connection
        yield there


def path_of(leader: LeaderAssignment) -> str:
    return reverse("leader_activates", args=[leader.group.memberships.get(seat=2).pk])


def confirm(there: Portal, leader: LeaderAssignment) -> Answer:
    typed = {"package": "S700", "step": "confirm", "key": KEY, "charged_lek": "500"}
    return there.post(path_of(leader), typed)


def charged(leader: LeaderAssignment) -> list[int]:
    of_contract = Activation.objects.filter(contract=leader.group.contract)
    return list(of_contract.values_list("charged_lek", flat=True))


def send_again(there: Portal, leader: LeaderAssignment, sorry: Answer) -> Answer:
    """Press the page's button: the same fields, the same key."""
    return there.post(path_of(leader), sorry.hidden())


def is_sorry(answer: Answer) -> bool:
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == (
        "max-age=0, no-cache, no-store, must-revalidate, private"
    )
    return answer.status == 503 and all(words in answer.text for words in SORRY)


def test_the_bounds_of_the_web_leave_three_seconds() -> None:
    assert ours.WEB_DATABASE_SECONDS == 2.0
    assert database_bounds.WEB == {
        "statement_timeout": 1_500,
        "lock_timeout": 1_000,
        "idle_in_transaction_session_timeout": 5_000,
    }
    assert database_bounds.WEB_CONNECT_SECONDS == 2
    assert database_bounds.WEB_TCP_USER_TIMEOUT == 2_000
    assert database_bounds.WEB_POOL == {"timeout": 1.5, "reconnect_timeout": 2.0}


@pytest.mark.parametrize(("fault", "stands"), [(Fault.COMMIT_LOST, []), (Fault.ANSWER_LOST, [500])])
def test_r21_a_swallowed_commit_is_told_and_sent_again_it_is_charged_once(
    served: Portal, wire: Proxy, leader: LeaderAssignment, fault: Fault, stands: list[int]
) -> None:
    wire.fault = fault
    sorry = confirm(served, leader)
    wire.fault = Fault.NONE
    assert is_sorry(sorry)
    assert all(words in sorry.text for words in UNKNOWN)
    assert (sorry.hidden()["key"], sorry.hidden()["package"]) == (KEY, "S700")
    assert charged(leader) == stands
    assert [send_again(served, leader, sorry).status for _ in range(2)] == [302, 302]
    assert charged(leader) == [500]


def test_while_one_request_hangs_the_others_are_served(
    served: Portal, wire: Proxy, leader: LeaderAssignment
) -> None:
    with ThreadPoolExecutor(1) as one:
        wire.fault = Fault.COMMIT_LOST
        hangs = one.submit(confirm, served, leader)
        assert wire.swallowed.wait(HARD_LIMIT)
        others = [served.get("/").status for _ in range(3)]
        assert not hangs.done()
        assert others == [200, 200, 200]
        assert is_sorry(hangs.result(HARD_LIMIT))


def test_control_without_the_bound_the_request_hangs_until_the_wire_is_cut(
    wire: Proxy, leader: LeaderAssignment
) -> None:
    client = signed_in(leader.member.msisdn)
    with portal(wire.url, client, **BOUNDS_OFF) as there, ThreadPoolExecutor(1) as one:
        assert there.get(path_of(leader)).status == 200
        wire.fault = Fault.ANSWER_LOST
        hangs: Future[Answer] = one.submit(confirm, there, leader)
        assert wire.swallowed.wait(HARD_LIMIT)
        with pytest.raises(NotYet):
            hangs.result(8)
        wire.refuse()
        assert is_sorry(hangs.result(HARD_LIMIT))


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.SLOW])
def test_a_database_that_says_nothing_is_not_waited_for(
    served: Portal, wire: Proxy, leader: LeaderAssignment, fault: Fault
) -> None:
    wire.fault = fault
    sorry = confirm(served, leader)
    wire.fault = Fault.NONE
    assert is_sorry(sorry)
    assert send_again(served, leader, sorry).status == 302
    assert charged(leader) == [500]


def test_a_database_that_refuses_is_told_and_found_again(
    served: Portal, wire: Proxy, leader: LeaderAssignment
) -> None:
    wire.refuse()
    assert is_sorry(served.get(path_of(leader)))
    sorry = confirm(served, leader)
    assert is_sorry(sorry)
    wire.listen()
    answers = (send_again(served, leader, sorry).status for _ in range(10))
    assert 302 in answers
    assert charged(leader) == [500]


def test_a_group_that_somebody_holds_is_not_waited_for(
    served: Portal, leader: LeaderAssignment
) -> None:
    with transaction.atomic():
        Group.objects.select_for_update().get(pk=leader.group_id)
        sorry = confirm(served, leader)
    assert is_sorry(sorry)
    assert charged(leader) == []
    assert send_again(served, leader, sorry).status == 302
    assert charged(leader) == [500]


def test_when_no_connection_is_left_the_next_one_is_told(
    wire: Proxy, leader: LeaderAssignment
) -> None:
    client = signed_in(leader.member.msisdn)
    with (
        portal(wire.url, client, DATABASE_POOL_SIZE="1") as there,
        ThreadPoolExecutor(1) as one,
    ):
        assert there.get(path_of(leader)).status == 200
        wire.fault = Fault.COMMIT_LOST
        hangs = one.submit(confirm, there, leader)
        assert wire.swallowed.wait(HARD_LIMIT)
        assert is_sorry(there.get(path_of(leader)))
        assert is_sorry(hangs.result(HARD_LIMIT))


def test_machines_are_told_in_their_own_words(served: Portal, wire: Proxy) -> None:
    wire.refuse()
    answer = served.get("/", accept="application/json")
    assert (answer.status, answer.headers["retry-after"], answer.text) == (
        503,
        "5",
        '{"error": "database_unavailable", "retry_after": 5}',
    )
