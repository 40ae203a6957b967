"""Only a one-time code leaves the outbox, once it opens nothing any more."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from superfamilja.customers import codes
from superfamilja.customers.models import CODE_LIVES
from superfamilja.customers.refusals import CodeOver, CodeWrong
from superfamilja.messages import delivery, secrets, templates
from superfamilja.messages.models import OutgoingMessage, State
from superfamilja.messages.outbox import Sms, write
from tests.superfamilja.messages import gateway

N = "+355671234567"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def our_gateway(settings: Settings) -> None:
    settings.SMS_TRANSPORT = gateway.HERE


def sent(made: datetime | None = None, to: str = N) -> tuple[int, OutgoingMessage, str]:
    """Send a code to sign in; return it with its message and its digits."""
    at = made or timezone.now()
    code = codes.send(
        msisdn=to,
        purpose="sign_in",
        at=at,
        address="192.0.2.1",
        sms=lambda digits: Sms(
            to=to,
            template="sign_in_code",
            language="en",
            why="sign_in",
            about="",
            contract_number="",
            parameters={"code": digits},
            expires_at=at + CODE_LIVES,
        ),
    )
    message = OutgoingMessage.objects.latest("pk")
    return code.pk, message, str(message.parameters["code"])


def use(pk: int, typed: str) -> None:
    codes.check(pk, msisdn=N, purpose="sign_in", typed=typed, at=timezone.now())


def everything_of(message: OutgoingMessage) -> str:
    return str(OutgoingMessage.objects.filter(pk=message.pk).values().get())


def deliver() -> None:
    delivery.deliver_all(timezone.now)


def refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


def test_a_code_that_was_used_is_nowhere_in_its_message_any_more() -> None:
    pk, message, digits = sent()
    deliver()
    assert digits in everything_of(message)
    use(pk, digits)
    message.refresh_from_db()
    assert digits not in everything_of(message)
    assert (message.state, message.parameters) == (State.SENT, {"code": "•••"})
    assert message.text == (
        "••• is your code to sign in to Klik-ON. Valid for 10 minutes. Give it to nobody, not even "
        "to our staff!"
    )
    assert message.words == message.text


def test_a_code_that_was_tried_three_times_is_blanked() -> None:
    pk, message, digits = sent()
    wrong = "000000" if digits != "000000" else "111111"
    for refusal in (CodeWrong, CodeWrong, CodeOver):
        assert digits in everything_of(message)
        with pytest.raises(refusal):
            use(pk, wrong)
    assert digits not in everything_of(message)


def test_a_code_whose_time_is_over_is_blanked_and_another_one_is_not() -> None:
    _, old, over = sent(timezone.now() - timedelta(minutes=11))
    _, new, good = sent(to="+355671234568")
    assert secrets.blank_expired() == 1
    assert over not in everything_of(old)
    assert good in everything_of(new)
    assert secrets.blank_expired() == 0


def test_using_one_code_leaves_the_others_of_the_number() -> None:
    _, before, first = sent(timezone.now() - timedelta(minutes=2))
    pk, _, second = sent()
    use(pk, second)
    assert first in everything_of(before)


def test_a_code_that_was_used_before_it_was_sent_is_not_sent_any_more() -> None:
    pk, message, digits = sent()
    use(pk, digits)
    deliver()
    message.refresh_from_db()
    assert (message.state, message.last_error) == (State.FAILED, "the code is over")
    assert message.message_id not in gateway.took


def test_what_is_being_sent_at_that_moment_has_its_code() -> None:
    """The words are taken with the claim; afterwards the row is marked as over."""
    pk, message, digits = sent()
    (claimed,) = delivery._claim(timezone.now(), 1)
    use(pk, digits)
    delivery._deliver(claimed, gateway.send, timezone.now())
    assert digits in gateway.took[message.message_id][0][1]
    assert digits not in everything_of(message)


@pytest.mark.parametrize(
    "change",
    [
        """parameters = parameters || '{"code": "•••"}'""",  # while the message waits
        # while the code is valid
        """state = 'failed', parameters = parameters || '{"code": "•••"}'""",
        """state = 'failed', parameters = '{"code": "•••"}'::jsonb || '{"x": 1}'""",
        """state = 'failed', parameters = parameters || '{"code": "482913"}'""",
        "parameters = '{}'",
    ],
)
def test_the_database_takes_no_code_out_that_is_still_good(change: str) -> None:
    sent()
    assert refused(f"UPDATE outbox_outgoingmessage SET {change}")


def test_the_database_lets_nothing_but_the_code_go() -> None:
    sent(timezone.now() - timedelta(minutes=11))
    deliver_it = "UPDATE outbox_outgoingmessage SET state = 'failed', "
    other = deliver_it + """parameters = '{"code": "•••", "more": 1}'"""
    assert refused(other)
    assert not refused(deliver_it + """parameters = parameters || '{"code": "•••"}'""")
    assert refused(deliver_it + """parameters = parameters || '{"code": "482913"}'""")


def test_the_facts_of_any_other_message_stay() -> None:
    told = {"package": "Super 1000", "charged_lek": 800}
    message = Sms(
        to=N,
        template="activation_reversed",
        language="en",
        why="x",
        about="KN-1",
        contract_number="",
        parameters=told,
    )
    write([message], at=timezone.now() - timedelta(days=1))
    assert refused("UPDATE outbox_outgoingmessage SET state = 'failed', parameters = '{}'")


def test_codes_are_facts_of_secret_messages_alone() -> None:
    having = {
        name
        for name, message in templates.every().items()
        if any("code" in message.facts(language) for language in ("sq", "en"))
    }
    assert having == {name for name, message in templates.every().items() if message.is_secret}
