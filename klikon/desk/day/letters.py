"""Write letters to payers: acts that a second person approved, and risky Declarations (R31).

A Declaration is risky soon after a contact mobile changed without a code.
"""

from datetime import datetime

from groups.models import Membership
from klikon.desk.models import Letter, Paper
from klikon.models import Declaration
from superfamilja.accounts.models import Store


def write(*, paper: Paper, member: Membership, store: Store, at: datetime) -> None:
    """Put a letter about this paper into the shop's post."""
    Letter.objects.create(paper=paper, member=member, store=store, made_at=at)


def write_of_online(declaration: Declaration, at: datetime) -> None:
    """Put a letter about an online Declaration into the post of the contract's shop.

    When that shop is unknown, every shop sees the letter until one has posted it.
    """
    code = declaration.contract.store_code
    store = Store.objects.filter(code=code).first() if code else None
    Letter.objects.create(
        declaration=declaration, member=declaration.member, store=store, made_at=at
    )
