"""One number, one fact, one SMS, whatever its roles (R23)."""

from superfamilja.messages.outbox import roles_by_number

ARTA, BESNIK = "+355691111111", "+355692222222"


def test_r23_a_number_with_two_roles_is_told_once() -> None:
    roles = {"is_member": BESNIK, "is_leader": ARTA, "is_payer": ARTA}
    assert roles_by_number(roles) == {
        BESNIK: {"is_member": True, "is_leader": False, "is_payer": False},
        ARTA: {"is_member": False, "is_leader": True, "is_payer": True},
    }


def test_a_role_without_a_number_is_nobodys() -> None:
    assert roles_by_number({"is_payer": ARTA, "is_former": ""}) == {
        ARTA: {"is_payer": True, "is_former": False}
    }
