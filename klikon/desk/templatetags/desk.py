"""Draw the desk's part of the customer's page, and its words in templates."""

from typing import Any

from django import template
from django.http import HttpRequest

from klikon.desk.acts import ACTS, DeskAct, title_of
from klikon.desk.models import Draft, Scan
from klikon.desk.pages.small_forms import VouchForm, WithdrawalForm
from klikon.reading.overview import ContractOverview
from superfamilja.accounts.stores import chosen

register = template.Library()

register.filter("act_title", title_of)


@register.simple_tag
def vouch_form(scan: Scan, refused: tuple[int, str]) -> VouchForm:
    """Return the form that asks why the clerk vouches for this scan although a check failed."""
    return VouchForm(scan, refused)


@register.simple_tag
def withdrawal_form(scan: Scan) -> WithdrawalForm:
    """Return the form that asks why this scan is taken back."""
    return WithdrawalForm(scan)


@register.inclusion_tag("desk/acts_card.html", takes_context=True)
def desk_acts(context: dict[str, Any], seen: ContractOverview) -> dict[str, Any]:
    """Return the acts that are possible now and the open requests of this customer."""
    request: HttpRequest = context["request"]
    store = chosen.current(request)
    if store is None:
        return {"store": None}
    standing = Draft.objects.of(store).standing().filter(contract=seen.contract)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "store": store,
        "contract": seen.contract,
        "acts": [act for act in ACTS.values() if _is_open(act, seen)],
        "drafts": list(standing.select_related("contract", "changed_by").order_by("-changed_at")),
    }


def _is_open(act: type[DeskAct], seen: ContractOverview) -> bool:
    """Return whether the page shows this act's button; the act itself checks again."""
    leads, stopped = seen.leader is not None, seen.leader_is_frozen
    room = seen.terms is not None and len(seen.members) < seen.terms.members_max
    pin = seen.phone_pin
    return {
        "name_leader": bool(seen.members),
        "open_group": seen.group is None,
        "add_member": seen.group is not None and room,
        "remove_member": bool(seen.members),
        "freeze_leader": leads and not stopped,
        "unfreeze_leader": leads and stopped,
        "revoke_leader": leads,
        "dispute_contact": seen.contact_hold is not None and not seen.contact_hold.disputed_at,
        "set_limit": seen.group is not None,
        "lift_limit": bool(seen.limits),
        "ask_first": seen.group is not None,
        "ask_no_more": seen.asks_first is not None,
        "reset_pin": leads and pin is not None,
        "unlock_phone": leads and pin is not None and pin.locked_at is not None,
        "close_group": seen.group is not None,
    }.get(act.name, True)
