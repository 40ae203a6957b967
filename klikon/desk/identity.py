"""Tell whether a request's customer is identified by the right personal number.

The draft stores that it was correct, sealed together with the document that it was read from.
Another document, person or owner of the contract needs it again. The number itself is not stored.
"""

import json
from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from groups import personal_number
from klikon.desk.drafts import Typed, open_one
from klikon.desk.models import Draft
from superfamilja.accounts.models import User

_READ_FROM = ("who", "document", "document_number", "proxy_name", "proxy_number", "proxy_date")


def is_known(draft: Draft, typed: Typed | None = None) -> bool:
    """Return whether the right number was typed for this owner and these documents.

    `typed` is what the form says now, by default what the draft stores.
    """
    sealed = _seal(draft, draft.typed if typed is None else typed)
    return constant_time_compare(draft.identified_as, sealed)


@sensitive_variables("typed")
def identify(*, draft: Draft, typed: str, actor: User, at: datetime) -> None:
    """Compare the personal number; when it is right the request counts as checked.

    A wrong try is counted in a transaction that commits before the refusal. Raises NotOpen,
    PersonalNumberWrong, PersonalNumberLocked, PersonTriedTooOften.
    """
    with transaction.atomic(durable=True):
        now = open_one(draft)
        refusal = personal_number.tried(
            contract=now.contract,
            typed=typed,
            actor=actor,
            at=at,
            store=now.store.code,
            draft=now.pk,
            act=now.act,
        )
        if refusal is None:
            now.contract.refresh_from_db()
            now.identified_as, now.is_checked = _seal(now, now.typed), True
            now.handled_by.add(actor)
            now.touch(actor, at)
            now.save()
    if refusal is not None:
        raise refusal


def _seal(draft: Draft, typed: Typed) -> str:
    read = [draft.contract.owner_nid, *(typed.get(name, "").strip() for name in _READ_FROM)]
    return salted_hmac("klikon.desk.identity", json.dumps(read), algorithm="sha256").hexdigest()
