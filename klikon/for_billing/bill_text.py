"""Write the text of a month of Klik-ON on the fixed bill, in the contract's language."""

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from klikon.leader.leadership import CANCELLED
from superfamilja.values.months import month_label

_PACKAGES = """
SELECT o.entry_id, count(*) AS packages, (max(ARRAY[a.id, a.leader_id]))[2] AS leader_id
FROM on_the_bills o JOIN klikon_activation a ON a.charge_id = o.charge_id
GROUP BY o.entry_id
"""

_EARLIER = """
SELECT entry_id, array_agg(month ORDER BY month) AS months,
       array_agg(amount_lek ORDER BY month) AS amounts
FROM (
    SELECT o.entry_id, o.month, sum(o.amount_lek) AS amount_lek
    FROM on_the_bills o WHERE o.month <> %(month)s GROUP BY o.entry_id, o.month
) o GROUP BY entry_id
"""

# Payers without a phone are told once, on their next bill with Klik-ON on it.
_BY_LETTER = """
SELECT DISTINCT ON (d.contract_id) d.contract_id, d.id,
       to_char(d.declared_at AT TIME ZONE %(zone)s, 'DD.MM.YYYY') AS day, m.msisdn,
       coalesce(a.ended_reason = %(cancelled)s, false) AS is_cancelled
FROM klikon_declaration d JOIN groups_membership m ON m.id = d.member_id
JOIN klikon_leaderassignment a ON a.declaration_id = d.id
WHERE d.by_letter AND d.declared_at AT TIME ZONE %(zone)s < %(month)s::date + interval '1 month'
  AND NOT EXISTS (
      SELECT FROM billing_billentry b
      WHERE b.contract_id = d.contract_id AND b.month < %(month)s
        AND b.month >= date_trunc('month', d.declared_at AT TIME ZONE %(zone)s))
ORDER BY d.contract_id, d.declared_at DESC, d.id DESC
"""

# Whole sentences with {packages}, {leader}, {amount} and {month}, filled in for each entry.
_TEXT = f"""
WITH packages AS ({_PACKAGES}), earlier AS ({_EARLIER}), by_letter AS ({_BY_LETTER})
SELECT e.id AS entry_id,
       replace(replace(
           CASE WHEN b.packages IS NULL THEN w.nothing WHEN b.packages = 1 THEN w.one
                ELSE w.many END,
           '{{packages}}', coalesce(b.packages, 0)::text),
           '{{leader}}', coalesce('***' || right(m.msisdn, 3), '')
       ) || CASE WHEN x.months IS NULL THEN '' ELSE (
           SELECT string_agg(replace(replace(w.earlier,
                      '{{amount}}', replace(to_char(amount_lek, 'FM999,999,999'), ',', '.')),
                      '{{month}}', to_char(month, 'MM/YYYY')), '')
           FROM unnest(x.months, x.amounts) AS one_of (month, amount_lek)
       ) END || CASE WHEN e.adjusted = 0 THEN '' ELSE replace(w.corrected,
           '{{amount}}', replace(to_char(e.adjusted, 'FM999,999,999'), ',', '.')) END
       || CASE WHEN l.id IS NULL THEN '' ELSE replace(replace(replace(
           CASE WHEN l.is_cancelled THEN w.cancelled ELSE w.by_letter END,
           '{{leader}}', '***' || right(l.msisdn, 3)), '{{reference}}', 'D-' || spelled_key(l.id)),
           '{{day}}', l.day) END AS text
FROM billing_billentry e
JOIN groups_contract c ON c.id = e.contract_id
JOIN jsonb_to_recordset(%(bill_words)s::jsonb) AS w
         (language text, nothing text, one text, many text, earlier text, corrected text,
          by_letter text, cancelled text)
  ON w.language = CASE WHEN c.language = ANY(%(languages)s::text[]) THEN c.language
                       ELSE %(usual_language)s END
LEFT JOIN packages b ON b.entry_id = e.id
LEFT JOIN earlier x ON x.entry_id = e.id
LEFT JOIN groups_membership m ON m.id = b.leader_id
LEFT JOIN by_letter l ON l.contract_id = e.contract_id
WHERE e.month = %(month)s
"""  # noqa: S608 - only our own fragments are joined in


def sql(month: date) -> tuple[str, dict[str, Any]]:
    """Return a query of (entry_id, text) for every entry of the month, and its parameters.

    It reads `on_the_bills`, the charges on each bill, which billing puts in front. The text counts
    the packages on this bill and names the Mobile Leader of the last one: «Klik-ON 10/2026: 3
    paketa, Lider Mobile ***567». For charges that settled late (R29) and for credits it continues:
    «, 500 Lekë nga 09/2026, korrigjime -200 Lekë». A payer without a phone reads once: «, Lider
    Mobile i ri ***567 me Deklaratën D-2231, datë 12.10.2026».
    """
    languages = [code for code, _name in settings.LANGUAGES]
    words = [{"language": code, **_words(month, code)} for code in languages]
    return _TEXT, {
        "bill_words": json.dumps(words),
        "languages": languages,
        "usual_language": settings.LANGUAGE_CODE,
        "zone": settings.TIME_ZONE,
        "cancelled": CANCELLED,
    }


def _words(month: date, language: str) -> dict[str, str]:
    filled = {"month": month_label(month), "packages": "{packages}", "leader": "{leader}"}
    with override(language):
        one, many = (
            ngettext(
                "Klik-ON %(month)s: %(packages)s package, Mobile Leader %(leader)s",
                "Klik-ON %(month)s: %(packages)s packages, Mobile Leader %(leader)s",
                number,
            )
            % filled
            for number in (1, 2)
        )
        earlier = gettext(", %(amount)s Lekë from %(month)s")
        corrected = gettext(", corrections %(amount)s Lekë")
        by_letter = gettext(
            ", new Mobile Leader %(leader)s by Declaration %(reference)s of %(day)s"
        )
        cancelled = gettext(
            ", Declaration %(reference)s of %(day)s for the Mobile Leader %(leader)s was cancelled"
        )
    declared = {"leader": "{leader}", "reference": "{reference}", "day": "{day}"}
    return {
        "nothing": f"Klik-ON {month_label(month)}",
        "one": one,
        "many": many,
        "earlier": earlier % {"amount": "{amount}", "month": "{month}"},
        "corrected": corrected % {"amount": "{amount}"},
        "by_letter": by_letter % declared,
        "cancelled": cancelled % declared,
    }
