"""Every "no" about the Mobile Leader: who may lead, and whether they are stopped (R3, R4, R26)."""

from django.utils.translation import gettext_noop

from superfamilja.refusal import Refusal


class AlreadyTheLeader(Refusal):
    rule = "R4"
    code = "already_the_leader"
    sentence = gettext_noop("%(name)s already is the Mobile Leader of this group.")


class NoLeader(Refusal):
    rule = "R4"
    code = "no_leader"
    sentence = gettext_noop(
        "%(name)s is no longer the Mobile Leader of this group. Look at the contract again."
    )


class NobodyLeads(Refusal):
    rule = "R4"
    code = "nobody_leads"
    sentence = gettext_noop("This group has no Mobile Leader.")


class NobodyToLead(Refusal):
    rule = "R3"
    code = "nobody_to_lead"
    sentence = gettext_noop("The group has no members yet: add the member who is to lead first.")


class AlreadyFrozen(Refusal):
    rule = "R4"
    code = "already_frozen"
    sentence = gettext_noop("Activations by %(name)s are stopped already.")


class NotFrozen(Refusal):
    rule = "R4"
    code = "not_frozen"
    sentence = gettext_noop("Activations by %(name)s are not stopped.")


class AlreadyTold(Refusal):
    rule = "R26"
    code = "change_already_told"
    sentence = gettext_noop(
        "This change of the number was told before and stops nobody any more. If the CRM shows a "
        "newer one, write when that happened."
    )


class NotToday(Refusal):
    rule = "R4"
    code = "declaration_not_of_today"
    sentence = gettext_noop(
        "Only a Declaration of a shop and of today can be cancelled. The Fixed Leader revokes an "
        "older one."
    )


class SignatoryMissing(Refusal):
    rule = "R3"
    code = "signatory_missing"
    sentence = gettext_noop("Write who signed.")
