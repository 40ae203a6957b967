"""Acts on the family: its group, its leader, the payer's limits, the operator's terms."""

from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from groups import membership
from groups.models import Contract, ContractStatus, TermsBinding
from klikon.leader import freezes, leadership
from klikon.models import FreezeCause, LeaderAssignment
from klikon.payer import limits
from tests.klikon.machine import model
from tests.klikon.machine.base import NUMBERS, TwoFamilies, numbers, which
from tests.proofs import payers_word


class Serving(TwoFamilies):
    """Acts of the Fixed Leader, the desk, the CRM and the operator."""

    # --- the verbs, each compared

    def close_group(self, group: model.Group) -> None:
        at, no = self.now, self.world.against_anything_of(group)
        self.agree(no, lambda: membership.close_group(group=self.rows[group], at=at))
        self.world.ended(group)

    def remove(self, group: model.Group, number: str) -> None:
        member = self.membership(group, number)
        at, no = self.now, set() if number in group.members else {"not_a_member"}
        self.agree(no, lambda: membership.remove_member(membership=member, at=at))
        if not no:
            self.world.left(group, number)

    def newest_assignment(self, group: model.Group) -> LeaderAssignment | None:
        return LeaderAssignment.objects.filter(group=self.rows[group]).order_by("-pk").first()

    def revoke(self, group: model.Group) -> None:
        if assignment := self.newest_assignment(group):
            at, no = self.now, set() if group.leader else {"no_leader"}
            self.agree(no, lambda: leadership.revoke(assignment=assignment, at=at))
            self.world.cancel(group)
            group.leader = group.frozen = None

    def stop(self, group: model.Group) -> None:
        if assignment := self.newest_assignment(group):
            no = set() if group.leader else {"no_leader"}
            no |= {"already_frozen"} if group.frozen else set()
            at = self.now
            if self.agree(no, lambda: freezes.freeze(assignment=assignment, at=at)):
                group.frozen = "payer"
                self.world.cancel(group)

    def allow_again(self, group: model.Group, evidence: str) -> None:
        if assignment := self.newest_assignment(group):
            no = set() if group.leader else {"no_leader"}
            no |= {"not_frozen"} if group.leader and not group.frozen else set()
            # R30: only the Fixed Leader's own word allows anybody again.
            no |= {"proof_missing"} if group.frozen and not evidence else set()
            at = self.now
            if self.agree(
                no,
                lambda: freezes.unfreeze(
                    proof=payers_word(assignment.group.contract, at) if evidence else None,
                    assignment=assignment,
                    at=at,
                    evidence=evidence,
                ),
            ):
                group.frozen = None

    def number_changed(self, number: str, changed_at: datetime | None = None) -> None:
        """R26: a new event, or one that the CRM repeats."""
        at = self.now
        event = (number, changed_at or at)
        freezes.number_changed(
            msisdn=number, cause=FreezeCause.SIM_SWAPPED, at=at, changed_at=event[1]
        )
        group = self.world.group_of(number)
        repeated = event in self.world.events
        self.world.events.add(event)
        if group and group.leader == number and not repeated:
            group.frozen = "crm"
            self.world.cancel(group)

    def set_status(self, contract: model.Contract, *, active: bool) -> None:
        contract.active = active
        status = ContractStatus.ACTIVE if active else ContractStatus.SUSPENDED
        Contract.objects.filter(pk=self.rows[contract].pk).update(status=status)

    def limit(self, group: model.Group, whom: str | None, limit: int | None) -> None:
        member = self.membership(group, whom) if whom else None
        at, no, row = self.now, self.world.against_limit(group, whom, limit), self.rows[group]
        if limit is None:
            done = self.agree(
                no,
                lambda: limits.lift_limit(
                    proof=payers_word(row.contract, at), group=row, member=member, at=at
                ),
            )
        else:
            done = self.agree(
                no,
                lambda: limits.set_limit(
                    group=row,
                    member=member,
                    limit_lek=limit,
                    at=at,
                    proof=payers_word(row.contract, at),
                ),
            )
        if done:
            self.world.limited(group, whom, limit)

    # --- the rules of the machine: each goes wrong often, and there are few, so that families
    # survive

    @rule(
        number=which,
        what=st.sampled_from(
            [
                "the group closes",
                "a leader is revoked",
                "he is stopped",
                "his number changed",
                "the contract is suspended",
            ]
        ),
    )
    def something_ends(self, number: int, what: str) -> None:
        group = self.contract(number).group
        match what:
            case "the group closes":
                self.close_group(group)
            case "a leader is revoked":
                self.revoke(group)
            case "he is stopped":
                self.stop(group)
            case "his number changed":
                self.number_changed(group.leader or NUMBERS[0])
            case "the contract is suspended":
                self.set_status(group.contract, active=False)

    @rule(
        number=which,
        msisdn=numbers,
        what=st.sampled_from(
            [
                "a group opens",
                "joins",
                "leaves",
                "is named",
                "is allowed again",
                "the contract is active",
            ]
        ),
        evidence=st.sampled_from(["", "he called"]),
    )
    def somebody_comes_or_goes(self, number: int, msisdn: str, what: str, evidence: str) -> None:
        group = self.contract(number).group
        match what:
            case "a group opens":
                self.open_group(group.contract)
            case "joins":
                self.add(group, msisdn)
            case "leaves":
                self.remove(group, msisdn)
            case "is named":
                self.name_leader(group, msisdn)
            case "is allowed again":
                self.allow_again(group, evidence)
            case "the contract is active":
                self.set_status(group.contract, active=True)

    @rule(number=which)
    def all_is_well_again(self, number: int) -> None:
        """Remove everything that stands in this family's way."""
        contract = self.contract(number)
        self.set_status(contract, active=True)
        if not contract.group.open:
            self.open_group(contract)
        group = contract.group
        for msisdn in NUMBERS:
            if len(group.members) < 2 and self.world.group_of(msisdn) is None:
                self.add(group, msisdn)
        if group.frozen:
            self.allow_again(group, "he called")
        if group.members and not group.leader:
            self.name_leader(group, next(iter(group.members)))
        if group.limit is not None:
            self.limit(group, None, None)
        if group.ask_above is not None:
            self.ask_above(group, None)

    @rule(
        number=which,
        seat=st.none() | st.integers(0, 3),
        limit=st.none() | st.sampled_from([0, 500, 1300, 2600, 7000]),
        asked=st.sampled_from([False, False, True]),
    )
    def the_payer_sets_or_lifts_a_limit(
        self, number: int, seat: int | None, limit: int | None, asked: bool
    ) -> None:
        """R27, or the amount above which the payer is asked first (R28)."""
        group = self.contract(number).group
        if asked:
            self.ask_above(group, limit)
            return
        whom = None if seat is None else [*group.members, *NUMBERS][seat]
        self.limit(group, whom, limit)

    @precondition(lambda self: self.world.events)
    @rule(back=st.integers(0, 3))
    def the_crm_repeats_itself(self, back: int) -> None:
        told = sorted(self.world.events, key=lambda event: (event[1], event[0]))
        self.number_changed(*told[-1 - back % len(told)])

    @rule(
        number=which,
        changed=st.fixed_dictionaries(
            {
                "cap": st.sampled_from([1000, 2000, 5000]),
                "discount": st.sampled_from([200, 300]),
                "members": st.sampled_from([1, 2, 4]),
                "shortest": st.sampled_from([7, 28, 28]),
            }
        ),
        binds=st.sampled_from([True, True, False]),
    )
    def new_terms_are_published(self, number: int, changed: dict[str, int], binds: bool) -> None:
        """R18, R19: they bind this group from now on, or only groups that open from now on."""
        group = self.contract(number).group
        terms = self.publish(**changed)
        if not binds:
            return
        group.bound.append(terms)
        TermsBinding.objects.create(
            group=self.rows[group], terms=self.rows[terms], binds_from=self.world.now
        )
