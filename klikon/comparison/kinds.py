"""The product's books: activations, charges, orders, the charging system's list, and SMS.

Each charge has one activation and one order; settled ⇔ delivered, reversed ⇔ not possible, held ⇔
not known yet. A reversal by a person after the delivery is no news.
"""

from django.utils.translation import gettext_lazy as _

from billing.reconciliation.kinds import DAY, BookComparison, DiscrepancyKind, WayOut
from klikon.comparison import their_list

_REVERSES = "billing.reverse_charge"
_DECIDES = "provisioning.decide_order"
REVERSE = WayOut("reverse_charge", "charge", _("Reverse the charge"), _REVERSES)
SETTLE = WayOut("settle_delivered", "order", _("Settle the charge"), _DECIDES)
ASK_AGAIN = WayOut("ask_order_again", "decidable", _("Ask again"), _DECIDES)
MARK_DONE = WayOut("mark_order_done", "decidable", _("Mark as delivered"), _DECIDES)
GIVE_UP = WayOut("reverse_order", "decidable", _("Reverse"), _DECIDES)
LOOK = WayOut(
    "admin:provisioning_order_change", "order", _("To the order"), "provisioning.view_order"
)
WHAT_IT_IS = WayOut(
    "admin:billing_charge_change", "charge", _("To the charge"), "billing.view_charge"
)

# One pass over charges and orders; an order proves its activation (a foreign key), so that only the
# few that do not agree at once are looked at further. An order that is on its way again after it
# was forgotten there keeps its settled charge: that is no difference.
ACTIVATIONS = """
SELECT kind, reference, accepted_at,
       jsonb_build_object('charge', charge, 'amount_lek', amount_lek),
       jsonb_build_object('order', coalesce(delivery, '—'),
                          'activation', activation_id IS NOT NULL),
       jsonb_strip_nulls(jsonb_build_object(
           'charge', charge_id, 'activation', activation_id, 'order', order_id,
           'decidable', CASE WHEN delivery IN ('person', 'unknown') THEN order_id END,
           'contract', contract_id))
FROM (
    SELECT c.*, a.id AS activation_id,
           CASE
               WHEN c.order_id IS NULL AND (charge = 'reversed' OR c.credited_lek = c.amount_lek)
                   THEN NULL -- it was taken back
               WHEN a.id IS NULL THEN 'no_activation'
               WHEN c.order_id IS NULL THEN 'no_order'
               WHEN charge = 'settled' AND (delivery = 'person'
                    OR delivery IN ('ordered', 'unknown') AND c.forgotten = 0)
                   THEN 'settled_not_done'
               WHEN delivery = 'done' AND (
                    charge = 'held' OR charge = 'reversed' AND r.actor_id IS NULL)
                    OR delivery = 'person' AND charge = 'reversed' THEN 'done_not_settled'
               WHEN delivery = 'failed' AND (
                    charge = 'held' OR charge = 'settled' AND c.credited_lek <> c.amount_lek)
                   THEN 'failed_not_reversed'
               WHEN delivery = 'person' THEN 'order_for_a_person'
               WHEN delivery IN ('ordered', 'unknown')
                    AND c.ordered_at < %(at)s - interval '1 day' THEN 'order_too_long'
           END AS kind
    FROM (
        SELECT c.id AS charge_id, c.reference, c.accepted_at, c.state AS charge, c.amount_lek,
               c.credited_lek, c.contract_id, o.id AS order_id, o.state AS delivery, o.forgotten,
               o.ordered_at
        FROM billing_charge c LEFT JOIN provisioning_order o ON o.reference = c.reference
        WHERE o.id IS NULL OR NOT (
            o.state = 'done' AND c.state = 'settled' OR o.state = 'failed' AND c.state = 'reversed')
    ) c
    LEFT JOIN klikon_activation a ON a.charge_id = c.charge_id
    LEFT JOIN billing_reversal r ON r.charge_id = c.charge_id
) told
WHERE kind IS NOT NULL
UNION ALL
SELECT 'unknown_callback', u.message_id, u.received_at,
       jsonb_build_object('order', '—'),
       jsonb_build_object('reference', u.reference, 'package', u.package, 'state', u.state),
       jsonb_build_object('callback', u.id)
FROM provisioning_unknowncallback u WHERE u.closed_at IS NULL
"""

# Codes that have ended are told to nobody any more; what was withdrawn was meant to stay.
MESSAGES = """
SELECT CASE m.state WHEN 'failed' THEN 'sms_failed' ELSE 'sms_waits' END, 'SMS ' || m.id,
       m.written_at, jsonb_build_object('message', m.template, 'state', m.state),
       jsonb_build_object('attempts', m.attempts, 'error', m.last_error),
       jsonb_build_object('message', m.id)
FROM outbox_outgoingmessage m
WHERE (m.expires_at IS NULL OR m.expires_at > %(at)s)
  AND (m.state = 'failed' AND m.last_error NOT IN ('withdrawn', 'before_restore')
       OR m.state = 'queued' AND m.due_at < %(at)s - interval '1 hour')
"""

COMPARISONS = (
    BookComparison(
        "activations",
        (
            DiscrepancyKind(
                "no_order",
                _("Activations without an order"),
                _("The member has nothing. Reverse the charge."),
                ways=(REVERSE, WHAT_IT_IS),
            ),
            DiscrepancyKind(
                "no_activation",
                _("Charges without an activation"),
                _("Nobody ordered it. Reverse the charge."),
                ways=(REVERSE, WHAT_IT_IS),
            ),
            DiscrepancyKind(
                "settled_not_done",
                _("Charges that stand although the package was not delivered"),
                _("Ask the charging system again, mark the order as delivered, or reverse."),
                ways=(ASK_AGAIN, MARK_DONE, GIVE_UP, REVERSE, LOOK),
            ),
            DiscrepancyKind(
                "done_not_settled",
                _("Packages delivered whose charge does not stand"),
                _("Settle a charge that is held. One that was reversed stays so: accept it."),
                ways=(SETTLE, MARK_DONE, GIVE_UP, LOOK),
            ),
            DiscrepancyKind(
                "failed_not_reversed",
                _("Packages that are not possible and are still charged"),
                _("Reverse the charge; after the close it becomes a credit."),
                ways=(REVERSE, LOOK),
            ),
            DiscrepancyKind(
                "order_for_a_person",
                _("Orders that wait for a person"),
                _("Ask the charging system again, mark the order as delivered, or reverse."),
                red_after=DAY,
                ways=(ASK_AGAIN, MARK_DONE, GIVE_UP, LOOK),
            ),
            DiscrepancyKind(
                "order_too_long",
                _("Orders without an outcome for more than a day"),
                _("See whether the charging system answers; ask again."),
                red_after=2 * DAY,
                ways=(ASK_AGAIN, LOOK),
            ),
            DiscrepancyKind(
                "unknown_callback",
                _("Callbacks for unknown orders"),
                _("Ask the charging system who got which package, and write down what you found."),
                red_after=DAY,
                ways=(WayOut("close_callback", "callback", _("Looked into"), _DECIDES),),
            ),
        ),
        ACTIVATIONS,
    ),
    BookComparison(
        "charging_list",
        (
            DiscrepancyKind(
                "list_missing_here",
                _("Orders in the charging system's list that we do not have"),
                _("Have the package taken back there, then let two people accept it."),
            ),
            DiscrepancyKind(
                "list_missing_there",
                _("Packages delivered by our books that its list does not have"),
                _("Ask the charging system. If the member has nothing, reverse the charge."),
                ways=(REVERSE, LOOK),
            ),
            DiscrepancyKind(
                "list_content",
                _("Orders with another number or package in its list"),
                _("Find out who got what. Reverse the charge, or accept it."),
                ways=(REVERSE, LOOK),
            ),
            DiscrepancyKind(
                "list_outcome",
                _("Orders with another outcome in its list"),
                _("Find out whether the member has it. Reverse the charge, or accept it."),
                ways=(REVERSE, LOOK),
            ),
        ),
        their_list.APART,
        fetch=their_list.fetch,
        load=their_list.load,
    ),
    BookComparison(
        "messages",
        (
            DiscrepancyKind(
                "sms_failed",
                _("SMS that were written and not handed over"),
                _("See why on its page. Tell the person in another way, then accept it."),
                red_after=3 * DAY,
                ways=(
                    WayOut(
                        "admin:outbox_outgoingmessage_change",
                        "message",
                        _("To the message"),
                        "outbox.view_outgoingmessage",
                    ),
                ),
            ),
            DiscrepancyKind(
                "sms_waits",
                _("SMS that wait for more than an hour"),
                _("See whether the gateway answers and a worker runs."),
                red_after=DAY / 4,
                ways=(
                    WayOut(
                        "admin:outbox_outgoingmessage_change",
                        "message",
                        _("To the message"),
                        "outbox.view_outgoingmessage",
                    ),
                ),
            ),
        ),
        MESSAGES,
    ),
)
