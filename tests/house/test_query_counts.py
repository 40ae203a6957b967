"""The number of queries of a register does not grow with its rows."""

from collections.abc import Callable
from datetime import date

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing import disputes, outcomes
from billing.credits import give_credit
from billing.models import BillMonth, CarriedCharge
from groups import contact
from groups.models import BaseImport, Group, TermsVersion
from klikon.activation.activate import activate
from klikon.activation.refusals import ActivationRefused
from klikon.desk import drafts
from klikon.desk.day import day_end
from klikon.ivr.models import PhoneCall
from klikon.leader import freezes
from klikon.models import Activation, Channel, FreezeCause, Promotion
from klikon.payer import asking, limits
from klikon.provisioning.models import UnknownCallback
from superfamilja.accounts.roles import ADMINISTRATOR, CARE_AGENT, STORE_CLERK
from tests.factories import at, family_with_leader
from tests.proofs import payers_word
from tests.signing_in import shop, sign_in, staff_member

pytestmark = pytest.mark.django_db


def a_row_of_each(number: int) -> None:
    """Make one more family with at least one row for every register."""
    group, leading = family_with_leader(members=2)
    settled, undone = activated(group, "S700"), activated(group, "S1000")
    carried = activated(group, "S1200")
    asking.set_ask_above(group=group, above_lek=600, at=timezone.now())
    with pytest.raises(ActivationRefused):
        activated(group, "S400")
    activated(group, "S1500")  # it waits for the payer
    outcomes.settle(reference=settled.reference, at=timezone.now())
    outcomes.reverse(reference=undone.reference, at=timezone.now(), reason="no answer")
    settled.charge.refresh_from_db()
    give_credit(
        charge=settled.charge,
        amount_lek=100,
        key=str(number),
        at=timezone.now(),
        actor=staff_member(CARE_AGENT),
        reason="goodwill",
    )
    disputes.ask(charge=carried.charge, text="Who?", key=str(number), at=timezone.now())
    CarriedCharge.objects.create(
        contract=group.contract,
        charge=carried.charge,
        from_month=carried.month,
        carried_at=timezone.now(),
    )
    freezes.number_changed(
        msisdn=leading.member.msisdn, cause=FreezeCause.PORTED, at=timezone.now()
    )
    contact.change_contact(
        proof=payers_word(group.contract, timezone.now()),
        contract=group.contract,
        msisdn=f"+35568{number:07}",
        evidence="card 1",
        at=timezone.now(),
        actor=staff_member(CARE_AGENT),
        reason="asked for",
    )
    limits.set_limit(group=group, limit_lek=number, at=timezone.now())
    Promotion.objects.create(
        msisdn=leading.member.msisdn,
        package_code="*",
        kind="percent",
        value=number,
        valid_from=date(2026, 11, 1),
        valid_to=date(2026, 11, 30),
    )
    BillMonth.objects.create(month=date(2030, number, 1), state="open")
    BaseImport.objects.create(file_sha256=f"{number:064}", started_at=at("2026-11-05 10:00"))
    PhoneCall.objects.create(
        adapter="sip", call_id=str(number), contract=group.contract, began_at=timezone.now()
    )
    UnknownCallback.objects.create(received_at=timezone.now(), message_id=f"m{number}")
    store, clerk = shop(f"D{number}"), staff_member(STORE_CLERK)
    drafts.start(
        contract=group.contract, act="close_group", store=store, actor=clerk, at=timezone.now()
    )
    day_end.close_day(store=store, actor=clerk, at=timezone.now())
    terms = TermsVersion.objects.get(number=1)
    terms.pk, terms.number = None, number + 1
    terms.save()


def activated(group: Group, package: str) -> Activation:
    leader = group.memberships.get(seat=1).msisdn
    return activate(
        leader=leader,
        member=leader,
        package=package,
        at=timezone.now(),
        channel=Channel.IVR,
        client="count",
        key=f"{group.pk}-{package}",
    )


def queries(client: Client, model: type[Model]) -> int:
    meta = model._meta
    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
    assert page.status_code == 200
    return len(asked)


def rows(model: type[Model]) -> int:
    return model._default_manager.count()


def counted(of: Callable[[type[Model]], int]) -> dict[str, int]:
    return {str(model._meta): of(model) for model in admin.site._registry}


def test_no_register_asks_more_for_more_rows() -> None:
    client = sign_in(Client(), staff_member(ADMINISTRATOR))
    a_row_of_each(1)
    few, short = counted(lambda model: queries(client, model)), counted(rows)
    for number in (2, 3, 4):
        a_row_of_each(number)
    many, long = counted(lambda model: queries(client, model)), counted(rows)
    assert many == few
    # There are few packages; every other register was longer the second time.
    assert [name for name in short if long[name] == short[name]] == ["klikon.package"]
