"""Two activations at the same instant: two threads, each on its own connection (E11)."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from threading import Barrier, Lock, Thread

from django.db import DatabaseError, connection

from klikon.activation.activate import activate
from klikon.activation.waiting import first_answer
from klikon.models import Activation, Channel, RefusedActivation
from klikon.reading.overview import ContractOverview
from superfamilja.refusal import Refusal

CLIENT = "demonstration-at-once"
PACKAGE = "S700"
_PATIENCE = 5  # seconds
# One pair at a time, because two pairs could wait for each other's connections.
_one_pair = Lock()
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnswerAtOnce:
    """One answer: the activation, or the refusal in words."""

    name: str
    activation: Activation | None
    refused: str


def fire(seen: ContractOverview, at: datetime) -> None:
    """Let the Mobile Leader ask for two other members at once; the database keeps the answers.

    `last` reads them. Without a leader and two other members it does nothing.
    """
    others = [m for m in seen.members if seen.leader and m.pk != seen.leader.member_id][:2]
    if seen.leader is None or len(others) < 2:
        return
    barrier, key = Barrier(len(others)), token_hex(8)
    leader = seen.leader.member.msisdn
    connection.close()  # each thread needs a connection
    with _one_pair:
        threads = [
            Thread(target=_ask, args=(barrier, leader, member.msisdn, f"{key}-{member.pk}", at))
            for member in others
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _ask(barrier: Barrier, leader: str, member: str, key: str, at: datetime) -> None:
    try:
        connection.ensure_connection()
        barrier.wait(_PATIENCE)
        with suppress(Refusal):  # a refusal is an answer: it is stored, and `last` shows it
            activate(
                leader=leader,
                member=member,
                package=PACKAGE,
                at=at,
                channel=Channel.IVR,
                client=CLIENT,
                key=key,
                repeat_confirmed=True,
            )
    except (DatabaseError, RuntimeError) as error:  # BrokenBarrierError is a RuntimeError
        log.error("One of the two was not asked: %s", type(error).__name__)
        barrier.abort()
    finally:
        connection.close()


def last(seen: ContractOverview) -> list[AnswerAtOnce]:
    """Return the last two answers, the accepted one first; empty before the first time."""
    names = {member.msisdn: member.name for member in seen.members}
    accepted = list(
        Activation.objects.filter(client=CLIENT, contract=seen.contract)
        .select_related("member")
        .order_by("-accepted_at", "-pk")[:2]
    )
    refused = list(
        RefusedActivation.objects.filter(client=CLIENT, contract=seen.contract).order_by(
            "-refused_at", "-pk"
        )[:2]
    )
    newest = max([a.accepted_at for a in accepted] + [r.refused_at for r in refused], default=None)
    return [
        *(AnswerAtOnce(a.member.name, a, "") for a in accepted if a.accepted_at == newest),
        *(
            AnswerAtOnce(names.get(r.member_msisdn, ""), None, first_answer(r).text())
            for r in refused
            if r.refused_at == newest
        ),
    ]
