"""A contract that its master, the CRM, suspends or activates between two files (R16).

The file does the same in large (base_import). What is active stays active; only new spending stops.
"""

from datetime import datetime

from django.db import transaction

from groups.models import Contract, ContractStatus, Group
from superfamilja.audit import acts


def lock_contract(number: str) -> Contract | None:
    """Lock the contract of that number, its open group first (ADR 0002): an activation on its way
    sees the contract before or the contract after. In the caller's transaction."""
    list(Group.objects.open().filter(contract__number=number).select_for_update(of=("self",)))
    return Contract.objects.select_for_update(no_key=True).filter(number=number).first()


@transaction.atomic
def change_status(*, contract: Contract, status: ContractStatus, at: datetime) -> bool:
    """Make this the status of the contract. False when nothing changes: it has it already, or it
    has ended, which only the subscriber file undoes."""
    locked = lock_contract(contract.number)
    if locked is None or locked.status in (status, ContractStatus.ENDED):
        return False
    Contract.objects.filter(pk=locked.pk).update(status=status)
    acts.record(
        "change_contract_status",
        actor=None,
        at=at,
        contract_number=locked.number,
        before=locked.status,
        after=str(status),
    )
    return True
