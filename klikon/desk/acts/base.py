"""Base of the desk's acts: a form, what it says to the customer, and one verb."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groups.models import Contract, Group, Membership
from groups.proof import (
    PaperAlone,
    PaperWithCode,
    PaperWithSecondPerson,
    Proof,
    in_words,
    require_undisputed,
)
from klikon.desk.identification import OF_A_PROXY, PROXY, IdentifiedForm
from klikon.desk.models import Paper
from klikon.models import LeaderAssignment
from klikon.papers.typeset import Rows
from superfamilja.accounts.models import Store, User
from superfamilja.refusal import Refusal
from superfamilja.values import phone

IDENTIFICATION = tuple(IdentifiedForm.base_fields)


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A request whose paper the customer signed, with everything that a verb needs.

    `actor` recorded it; `shown` says by which document the customer was known.
    `code` or `second` is what the verb itself looks at (R30), if it was asked for.
    """

    paper: Paper
    store: Store
    actor: User
    at: datetime
    signatory: str
    shown: str
    code: int | None = None
    second: User | None = None
    by_letter: bool = False
    cleaned: dict[str, Any]

    @property
    def reason(self) -> str:
        """Return why staff did it: the signed paper, and who signed."""
        return f"{self.paper.reference}: {self.signatory}, {self.shown}"

    @property
    def evidence(self) -> str:
        """Return what shows the Fixed Leader's will, for later questions."""
        blank = self.paper.blank.number if self.paper.blank else ""
        word = in_words(self.proof, self.paper.draft.contract)
        parts = (self.paper.reference, blank, self.shown, word)
        return "; ".join(filter(None, parts))

    @property
    def proof(self) -> Proof:
        """Return the verb's proof: the paper with a code, with a second person, or alone."""
        if self.code is not None:
            return PaperWithCode(paper=self.paper.reference, code=self.code)
        if self.second is not None:
            return PaperWithSecondPerson(paper=self.paper.reference, second=self.second)
        return PaperAlone(paper=self.paper.reference)

    @property
    def words(self) -> dict[str, Any]:
        """Return the arguments that every verb takes."""
        return {"at": self.at, "actor": self.actor, "reason": self.reason}


class DeskAct(ABC):
    """One act on one contract. Subclasses name the form, the words, and the verb."""

    name: ClassVar[str]
    title: ClassVar[Promise]
    button: ClassVar[Promise]
    consequence: ClassVar[Promise]
    done: ClassVar[Promise]
    # The key that opens it on the customer's page.
    key: ClassVar[str] = ""
    form_class: ClassVar[type[IdentifiedForm]] = IdentifiedForm
    is_declaration: ClassVar[bool] = False
    # Besides the signature it needs the owner's word: a code from their phone, or a second person.
    asks_word: bool = False
    # When a second person approves, a letter is sent as well.
    is_told_by_letter: ClassVar[bool] = False
    # Lets templates use the classes themselves, because Django would call them.
    do_not_call_in_templates: ClassVar[bool] = True

    def __init__(self, contract: Contract):
        self.contract = contract
        groups = Group.objects.select_related("contract")
        self.group: Group | None = groups.filter(contract=contract, closed_on=None).first()

    def obstacle(self) -> Refusal | None:
        """Return why the act is impossible at present, or nothing."""
        return None

    def require(self, form: IdentifiedForm, at: datetime) -> None:
        """Raise what the verb would refuse of what was typed, by its own preconditions, read-only.

        It runs on the check page and before anything is printed, signed or sent.
        """
        if self.asks_word:
            require_undisputed(self.contract, (self.name,), at)

    def stands_on(self) -> dict[str, Any]:
        """Return the ids that the paper depends on; once they change, it no longer fits the act."""
        return {"group": self.group.pk if self.group else None}

    def weigh(self, typed: Mapping[str, Any]) -> None:  # noqa: B027
        """Set `asks_word` when it depends on what was typed: a lower limit needs none."""

    def code_is_for(self, form: IdentifiedForm) -> str:
        """Return what the SMS with the code says that it allows, in the current language."""
        return str(self.title)

    def form(self, typed: dict[str, Any] | None = None) -> IdentifiedForm:
        """Return the form with what was typed."""
        return self.form_class(self.contract, typed)

    def led_by(self, form: IdentifiedForm) -> Membership | None:
        """Return who may activate after the owner's word, for acts that ask for it."""
        return None

    def subject(self) -> Rows:
        """Return which family it is about, so that nobody serves the wrong one."""
        return [
            (_("Contract"), self.contract.number),
            (_("Fixed Leader"), self.contract.owner_name),
        ]

    @property
    def own_fields(self) -> list[str]:
        """Return the fields that are not about the person at the counter."""
        return [name for name in self.form_class.base_fields if name not in IDENTIFICATION]

    def asked(self, form: IdentifiedForm) -> Rows:
        """Return what the customer asks for, as it will be recorded."""
        return [(form[name].label, self.shown(form, name)) for name in self.own_fields]

    def shown(self, form: IdentifiedForm, name: str) -> Any:
        """Return a typed value as people read it."""
        value = form.cleaned_data[name]
        if isinstance(value, date):
            return f"{value:%d.%m.%Y}"
        return dict(getattr(form.fields[name], "choices", [])).get(value, value)

    def known(self, form: IdentifiedForm) -> Rows:
        """Return who is at the counter, and how they were identified."""
        cleaned = form.cleaned_data
        rows: Rows = [
            (form[name].label, self.shown(form, name))
            for name in ("who", "document", "document_number")
        ]
        if cleaned["who"] == PROXY:
            rows += [(form[name].label, self.shown(form, name)) for name in OF_A_PROXY]
        return rows

    @abstractmethod
    def perform(self, signed: Signed) -> Model | None:
        """Call the verb. Raise its refusals."""


class MemberOf:
    """A choice of members, named as people do: «Elira, 067 …»."""

    @staticmethod
    def choices(group: Group | None) -> list[tuple[int, str]]:
        members = group.memberships.current().order_by("seat") if group else []
        return [(m.pk, f"{m.name}, {phone.spoken(m.msisdn)}") for m in members]

    @staticmethod
    def found(group: Group | None, pk: str) -> Membership:
        """Return the membership; the verb checks that it is still current."""
        return Membership.objects.select_related("group").get(pk=pk, group=group)


def standing_leader(group: Group | None) -> LeaderAssignment | None:
    """Return the group's Mobile Leader, stopped or not."""
    return LeaderAssignment.objects.of_group(group).first() if group else None
