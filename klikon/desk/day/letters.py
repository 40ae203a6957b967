"""Letters to payers: what a second person allowed, and a Declaration soon after a contact mobile
that no code proved (R31)."""

from datetime import datetime

from groups.models import Membership
from klikon.desk.models import Letter, Paper
from klikon.models import Declaration
from superfamilja.accounts.models import Store


def write(*, paper: Paper, member: Membership, store: Store, at: datetime) -> None:
    """Put a letter about this paper into the shop's post."""
    Letter.objects.create(paper=paper, member=member, store=store, made_at=at)


def write_of_online(declaration: Declaration, at: datetime) -> None:
    """Put a letter about an online Declaration into the post of the contract's shop; where that is
    not known any more, every shop sees it until one has posted it."""
    code = declaration.contract.store_code
    store = Store.objects.filter(code=code).first() if code else None
    Letter.objects.create(
        declaration=declaration, member=declaration.member, store=store, made_at=at
    )
