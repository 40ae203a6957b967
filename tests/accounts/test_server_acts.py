"""Make the first two administrators, or a new one, only by the server's shell and loudly."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from superfamilja.accounts import staff
from superfamilja.accounts.models import AccountNotice, User
from superfamilja.audit.models import Act
from superfamilja.messages.models import OutgoingMessage
from tests.accounts.administrators import administrator, deciding
from tests.signing_in import staff_member

pytestmark = pytest.mark.django_db
FIRST = ["--first", "ada", "Ada A", "069 111 1111", "--second", "ben", "Ben B", "069 222 2222"]


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_first_two_are_made_and_each_has_a_password_of_their_own():
    told = dict(line.split() for line in run("first_administrators", *FIRST).splitlines())
    for username, password in told.items():
        user = User.objects.get(username=username)
        assert user.check_password(password)
        assert staff.roles_of(user) == ["administrator"]
        assert user.held_until is None
    assert list(told) == ["ada", "ben"]
    assert Act.objects.get(verb="first_administrators").details["names"] == ["ada", "ben"]


def test_it_refuses_when_two_stand_and_when_there_ever_was_one():
    run("first_administrators", *FIRST)
    others = ["--first", "x", "X X", "069 333 3333", "--second", "y", "Y Y", "069 444 4444"]
    with pytest.raises(CommandError, match="Dy administratorë janë"):
        run("first_administrators", *others)
    User.objects.filter(username="ben").update(is_active=False)
    with pytest.raises(CommandError, match="administrator_by_server"):
        run("first_administrators", *others)


def test_where_others_are_on_the_staff_already_the_first_two_are_held():
    deciding()
    run("first_administrators", *FIRST)
    assert User.objects.get(username="ada").held_until > timezone.now()


def test_two_people_have_two_numbers():
    same = ["--first", "a", "A A", "069 111 1111", "--second", "b", "B B", "069 111 1111"]
    with pytest.raises(CommandError):
        run("first_administrators", *same)
    assert not User.objects.exists()


def test_the_way_back_is_held_recorded_and_told_to_everybody():
    left = administrator("ada")
    User.objects.filter(pk=left.pk).update(mobile="+355691111111")
    run(
        "administrator_by_server",
        "ben",
        "--name",
        "Ben B",
        "--mobile",
        "069 222 2222",
        "--reason",
        "the other one left",
    )
    ben = User.objects.get(username="ben")
    hours = (ben.held_until - timezone.now()).total_seconds() / 3600
    assert 23.9 < hours <= 24
    act = Act.objects.get(verb="administrator_by_server")
    assert (act.actor, act.reason) == (None, "the other one left")
    assert set(act.details) == {"user", "username", "server_user", "host", "hours"}
    assert AccountNotice.objects.filter(user=left, verb="administrator_by_server").exists()
    told = OutgoingMessage.objects.values_list("recipient", flat=True)
    assert set(told) == {"+355691111111", "+355692222222"}


def test_an_administrator_who_lost_everything_is_let_in_again():
    administrator("ada")
    ben = deciding("administrator", "ben")
    _username, password = run("administrator_by_server", "ben", "--reason", "lost phone").split()
    ben.refresh_from_db()
    assert ben.check_password(password)
    assert ben.is_active
    assert ben.held_until is not None


def test_with_two_others_left_it_refuses():
    for name in ("ada", "ben"):
        administrator(name)
    with pytest.raises(CommandError, match="Dy administratorë janë"):
        run("administrator_by_server", "zana", "--mobile", "069 222 2222", "--reason", "x")


def test_it_raises_nobody_of_another_role():
    administrator("ada")
    staff_member("billing approver", "miri")
    with pytest.raises(CommandError):
        run("administrator_by_server", "miri", "--mobile", "069 222 2222", "--reason", "x")


@pytest.mark.parametrize("command", ["createsuperuser", "changepassword"])
def test_django_s_own_ways_refuse(command):
    with pytest.raises(CommandError, match="first_administrators"):
        call_command(command)
