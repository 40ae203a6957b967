"""Billing's own books: entries and their lines, files and entries, files and their answers."""

from django.utils.translation import gettext_lazy as _

from billing.models import BILL_LEK
from billing.month.totals import COUNTS_IN_ITS_MONTH, FIGURES
from billing.reconciliation.kinds import DAY, BookComparison, DiscrepancyKind, WayOut

ENDS = "billing.end_discrepancy"
_REFERENCE = "to_char({0}.month, '\"K\"YYMM-') || spelled_key({0}.{1})"
_MONTH = "jsonb_build_object('month', to_char({}.month, 'YYYYMM')::int)"
_DIFFERS = " OR ".join(f"e.{name} <> coalesce(x.{name}, 0)" for name in FIGURES)
_ENTRY = ", ".join(f"'{name}', e.{name}" for name in FIGURES)
_COUNTED = ", ".join(f"'{name}', coalesce(x.{name}, 0)" for name in FIGURES)
# What was parked at a close has been seen by the people whom it concerns.
_PARKED = """SELECT FROM billing_parkedentry p
    WHERE p.entry_id = e.id AND p.withdrawn_at IS NULL AND p.answer_id IS NULL"""

ENTRIES = f"""
WITH l AS MATERIALIZED (
    SELECT c.entry_id,
           sum(c.amount_lek) FILTER (WHERE {COUNTS_IN_ITS_MONTH}) AS spent,
           sum(c.amount_lek) FILTER (WHERE k.id IS NOT NULL) AS carried_out
    FROM billing_charge c
    LEFT JOIN billing_carriedcharge k ON k.charge_id = c.id AND k.withdrawn_at IS NULL
    GROUP BY c.entry_id
)
SELECT 'entry_differs', {_REFERENCE.format("e", "id")}, e.month::timestamptz,
       jsonb_build_object({_ENTRY}), jsonb_build_object({_COUNTED}),
       jsonb_build_object('entry', e.id, 'contract', e.contract_id)
FROM billing_billentry e
LEFT JOIN l ON l.entry_id = e.id
LEFT JOIN (
    SELECT entry_id, -sum(amount_lek) AS adjusted FROM billing_credit GROUP BY entry_id
) a ON a.entry_id = e.id
LEFT JOIN (
    SELECT k.contract_id, k.into_month, sum(c.amount_lek) AS carried_in
    FROM billing_carriedcharge k JOIN billing_charge c ON c.id = k.charge_id
    WHERE k.into_month IS NOT NULL GROUP BY k.contract_id, k.into_month
) i ON i.contract_id = e.contract_id AND i.into_month = e.month
CROSS JOIN LATERAL (SELECT l.spent, a.adjusted, l.carried_out, i.carried_in) x
WHERE ({_DIFFERS}) AND NOT EXISTS ({_PARKED})
"""  # noqa: S608 - only our own fragments are joined in

# Issued − rejected + what waits outside of the files = what the month's entries come to.
FILES = f"""
SELECT 'file_differs', to_char(f.month, 'YYYY-MM'), f.month::timestamptz,
       jsonb_build_object('bills_lek', e.lek),
       jsonb_build_object('issued_lek', f.lek, 'rejected_lek', coalesce(r.lek, 0),
                          'waiting_lek', coalesce(w.lek, 0)),
       {_MONTH.format("f")}
FROM (SELECT month, sum(amount_lek) AS lek FROM billing_issuedfile GROUP BY month) f
JOIN (SELECT month, sum({BILL_LEK}) AS lek FROM billing_billentry
      WHERE month IN (SELECT month FROM billing_issuedfile) GROUP BY month) e USING (month)
LEFT JOIN (SELECT f.month, sum(a.rejected_lek) AS lek
           FROM billing_billinganswer a JOIN billing_issuedfile f ON f.id = a.file_id
           WHERE a.state = 'taken' GROUP BY f.month) r USING (month)
LEFT JOIN (SELECT p.month, sum({BILL_LEK}) AS lek
           FROM billing_parkedentry p JOIN billing_billentry b ON b.id = p.entry_id
           WHERE p.withdrawn_at IS NULL AND p.issued_in_id IS NULL
           GROUP BY p.month) w USING (month)
WHERE e.lek <> f.lek - coalesce(r.lek, 0) + coalesce(w.lek, 0)
UNION ALL
SELECT 'not_answered', f.name, f.issued_at,
       jsonb_build_object('lines', f.entries, 'amount_lek', f.amount_lek),
       jsonb_build_object('lines', coalesce(a.lines, 0), 'amount_lek', coalesce(a.lek, 0)),
       {_MONTH.format("f")}
FROM billing_issuedfile f
LEFT JOIN (SELECT file_id, sum(accepted + rejected) AS lines,
                  sum(accepted_lek + rejected_lek) AS lek
           FROM billing_billinganswer WHERE state = 'taken' GROUP BY file_id) a ON a.file_id = f.id
WHERE f.issued_at < %(at)s - interval '3 days'
  AND (f.entries, f.amount_lek) IS DISTINCT FROM (coalesce(a.lines, -1), coalesce(a.lek, 0))
  -- Files of before the first one that was laid out or answered were followed by hand.
  AND f.issued_at >= (SELECT min(g.issued_at) FROM billing_issuedfile g
                      WHERE g.for_outbox OR g.id IN (SELECT file_id FROM billing_billinganswer))
UNION ALL
SELECT 'answer_kept', left(a.sha256, 12), a.received_at,
       jsonb_build_object('answer', a.name), jsonb_build_object('problems', a.found),
       jsonb_build_object('answer', a.id)
FROM billing_billinganswer a WHERE a.state = 'refused' AND a.closed_at IS NULL
UNION ALL
SELECT 'parked_waits', {_REFERENCE.format("p", "entry_id")} || '/' || p.id, p.parked_at,
       p.differences, jsonb_build_object('rejection', coalesce(p.rejection, '')),
       jsonb_build_object('parked', p.id)
FROM billing_parkedentry p WHERE p.withdrawn_at IS NULL AND p.resolution IS NULL
UNION ALL
SELECT 'not_issued', to_char(p.month, 'YYYY-MM'), min(p.resolved_at),
       jsonb_build_object('lines', count(*)), jsonb_build_object('lines', 0), {_MONTH.format("p")}
FROM billing_parkedentry p
JOIN billing_billentry e ON e.id = p.entry_id
WHERE p.withdrawn_at IS NULL AND p.resolution IS NOT NULL AND p.issued_in_id IS NULL
  AND NOT (p.resolution = 'credited' AND {BILL_LEK} = 0)
  AND p.month IN (SELECT month FROM billing_issuedfile)
GROUP BY p.month
UNION ALL
SELECT 'accepted_differs', {_REFERENCE.format("e", "id")}, e.month::timestamptz,
       jsonb_build_object('amount_lek', {BILL_LEK}),
       jsonb_build_object('amount_lek', l.amount_lek),
       jsonb_build_object('entry', e.id, 'contract', e.contract_id)
FROM billing_answeredline l JOIN billing_billentry e ON e.id = l.entry_id
WHERE l.result = 'accepted' AND l.amount_lek <> {BILL_LEK}
"""  # noqa: S608 - only our own fragments are joined in

COMPARISONS = (
    BookComparison(
        "entries",
        (
            DiscrepancyKind(
                "entry_differs",
                _("Bill entries that differ from their charges"),
                _(
                    "Count the entry anew from its lines. If its month is closed, it is parked "
                    "instead."
                ),
                ways=(WayOut("set_entry_right", "entry", _("Set the entry right"), ENDS),),
            ),
        ),
        ENTRIES,
    ),
    BookComparison(
        "files",
        (
            DiscrepancyKind(
                "file_differs",
                _("Months whose files are not what their entries come to"),
                _("Compare file and entries of the month. Credit what is wrong in the open month."),
                ways=(WayOut("month", "month", _("Look at the month"), "billing.view_billmonth"),),
            ),
            DiscrepancyKind(
                "not_answered",
                _("Files that fixed billing has not answered whole"),
                _("Ask fixed billing for its answer, and take it."),
                red_after=7 * DAY,
                ways=(
                    WayOut("take_answer", "", _("Take an answer"), "billing.take_answer"),
                    WayOut("month", "month", _("Look at the month"), "billing.view_billmonth"),
                ),
            ),
            DiscrepancyKind(
                "answer_kept",
                _("Answers of fixed billing that cannot be taken"),
                _("Its page says what is wrong. Ask fixed billing for a right one."),
                red_after=3 * DAY,
                ways=(
                    WayOut(
                        "answer", "answer", _("Look at the answer"), "billing.view_billinganswer"
                    ),
                    WayOut(
                        "read_answer_again", "answer", _("Read it again"), "billing.take_answer"
                    ),
                    WayOut(
                        "look_into_answer",
                        "answer",
                        _("Close it without taking it"),
                        "billing.take_answer",
                    ),
                ),
            ),
            DiscrepancyKind(
                "parked_waits",
                _("Parked entries that wait"),
                _("Find its way out on its page."),
                red_after=5 * DAY,
                ways=(
                    WayOut(
                        "parked_entry",
                        "parked",
                        _("To the parked entry"),
                        "billing.view_parkedentry",
                    ),
                ),
            ),
            DiscrepancyKind(
                "not_issued",
                _("Months whose next supplement is not issued"),
                _("Issue the file for the fixed bill."),
                red_after=5 * DAY,
                ways=(
                    WayOut(
                        "issue_month",
                        "month",
                        _("Issue the file for the fixed bill"),
                        "billing.export_month",
                    ),
                ),
            ),
            DiscrepancyKind(
                "accepted_differs",
                _("Entries that differ from what fixed billing accepted"),
                _("Find out which is right, and credit what was billed too much."),
                ways=(
                    WayOut("contract", "contract", _("To the contract"), "groups.view_contract"),
                ),
            ),
        ),
        FILES,
    ),
)
