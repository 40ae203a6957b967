"""What the fixed bill says of a month of Klik-ON, in the contract's language."""

from datetime import date

from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from superfamilja.months import month_label

# For each entry on whose bill something is: packages that count, the Mobile Leader of the last
# one, what comes from earlier months, and what was corrected. Filled into whole sentences.
_TEXT = """
SELECT e.id AS entry_id,
       replace(replace(
           CASE WHEN b.packages IS NULL THEN w.nothing WHEN b.packages = 1 THEN w.one ELSE w.many END,
           '{packages}', coalesce(b.packages, 0)::text), '{leader}', '***' || right(m.msisdn, 3))
       || coalesce(', ' || earlier.text, '')
       || CASE WHEN e.adjusted <> 0 THEN replace(w.corrected, '{amount}', {{adjusted}}) ELSE '' END
       AS text
FROM billing_billentry e
JOIN groups_contract c ON c.id = e.contract_id
JOIN (VALUES %(words)s) AS w (language, nothing, one, many, earlier, corrected)
  ON w.language = CASE WHEN c.language IN %(languages)s THEN c.language ELSE %(default)s END
"""
