"""Acts on the family: its group, its leader, the payer's limits, the operator's terms."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from groups import membership
from groups.models import Contract, ContractStatus, TermsBinding
from klikon import leadership, limits
from klikon.models import FreezeCause, LeaderAssignment
from tests.klikon.machine import model
from tests.klikon.machine.base import NUMBERS, TwoFamilies, numbers, which


class Serving(TwoFamilies):
    """What the Fixed Leader, the desk, the CRM and the operator do meanwhile."""

    @rule(number=which)
    def a_group_opens(self, number: int) -> None:
        self.open_group(self.contract(number))

    @rule(number=which)
    def a_group_closes(self, number: int) -> None:
        group = self.contract(number).group
        at, no = self.now, self.world.against_anything_of(group)
        self.agree(no, lambda: membership.close_group(group=self.rows[group], at=at))
        self.world.ended(group)

    @rule(number=which, msisdn=numbers)
    def a_member_joins(self, number: int, msisdn: str) -> None:
        self.add(self.contract(number).group, msisdn)

    @rule(number=which, msisdn=numbers)
    def a_member_leaves(self, number: int, msisdn: str) -> None:
        group = self.contract(number).group
        member = self.membership(group, msisdn)
        at, no = self.now, set() if msisdn in group.members else {"not_a_member"}
        self.agree(no, lambda: membership.remove_member(membership=member, at=at))
        if not no:
            self.world.left(group, msisdn)

    @rule(number=which, msisdn=numbers)
    def a_leader_is_named(self, number: int, msisdn: str) -> None:
        self.name_leader(self.contract(number).group, msisdn)

    def newest_assignment(self, group: model.Group) -> LeaderAssignment | None:
        return LeaderAssignment.objects.filter(group=self.rows[group]).order_by("-pk").first()

    @rule(number=which)
    def the_leader_is_revoked(self, number: int) -> None:
        group = self.contract(number).group
        if assignment := self.newest_assignment(group):
            at, no = self.now, set() if group.leader else {"no_leader"}
            self.agree(no, lambda: leadership.revoke(assignment=assignment, at=at))
            group.leader = group.frozen = None

    @rule(number=which)
    def the_leader_is_stopped(self, number: int) -> None:
        group = self.contract(number).group
        if assignment := self.newest_assignment(group):
            no = set() if group.leader else {"no_leader"}
            no |= {"already_frozen"} if group.frozen else set()
            at = self.now
            if self.agree(no, lambda: leadership.freeze(assignment=assignment, at=at)):
                group.frozen = "payer"

    @rule(number=which, evidence=st.sampled_from(["", "he called"]))
    def the_leader_is_allowed_again(self, number: int, evidence: str) -> None:
        group = self.contract(number).group
        if assignment := self.newest_assignment(group):
            no = set() if group.leader else {"no_leader"}
            no |= {"not_frozen"} if group.leader and not group.frozen else set()
            # R26: what the CRM told is undone only by the Fixed Leader's own word.
            no |= {"confirmation_missing"} if group.frozen == "crm" and not evidence else set()
            at = self.now
            if self.agree(
                no,
                lambda: leadership.unfreeze(assignment=assignment, at=at, evidence=evidence),
            ):
                group.frozen = None

    @rule(msisdn=numbers)
    def the_crm_tells_of_a_changed_number(self, msisdn: str) -> None:
        leadership.number_changed(msisdn=msisdn, cause=FreezeCause.SIM_SWAPPED, at=self.now)
        group = self.world.group_of(msisdn)
        if group and group.leader == msisdn:
            group.frozen = "crm"

    @rule(number=which, active=st.booleans())
    def the_crm_tells_a_contracts_status(self, number: int, active: bool) -> None:
        contract = self.contract(number)
        contract.active = active
        status = ContractStatus.ACTIVE if active else ContractStatus.SUSPENDED
        Contract.objects.filter(pk=self.rows[contract].pk).update(status=status)

    @rule(
        number=which,
        seat=st.none() | st.integers(0, 3),
        limit=st.none() | st.sampled_from([0, 500, 1300, 2600, 7000]),
    )
    def the_payer_sets_or_lifts_a_limit(
        self, number: int, seat: int | None, limit: int | None
    ) -> None:
        group = self.contract(number).group
        whom = None if seat is None else [*group.members, *NUMBERS][seat]
        member = self.membership(group, whom) if whom else None
        at, no = self.now, self.world.against_limit(group, whom, limit)
        row = self.rows[group]
        if limit is None:
            done = self.agree(no, lambda: limits.lift_limit(group=row, member=member, at=at))
        else:
            done = self.agree(
                no, lambda: limits.set_limit(group=row, member=member, limit_lek=limit, at=at)
            )
        if done:
            self.world.limited(group, whom, limit)

    @rule(
        number=which, cap=st.sampled_from([1000, 2000, 5000]), discount=st.sampled_from([200, 300])
    )
    def new_terms_bind_a_group(self, number: int, cap: int, discount: int) -> None:
        """R18, R19: published, and binding for this group from now on."""
        group = self.contract(number).group
        terms = self.publish(cap, discount)
        group.bound.append(terms)
        TermsBinding.objects.create(
            group=self.rows[group], terms=self.rows[terms], binds_from=self.world.now
        )
