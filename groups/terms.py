"""Tell which terms bind a group at a moment (R18, R19)."""

from datetime import datetime

from groups.models import Group, TermsVersion

# Joined LATERAL to a row `g` of groups_group; %(at)s is the moment. A group begins under the newest
# terms published at its opening. Newer terms bind it from the moment of its own binding. The first
# terms bind every older group. When only the date of the opening is known, its first moment counts,
# so that terms published later that day do not bind the group.
IN_FORCE = """
    SELECT v.* FROM groups_termsversion v
    WHERE v.number = 1
       OR (v.published_at <= %(at)s
           AND v.published_at <= COALESCE(g.opened_at,
                                          g.opened_on::timestamp AT TIME ZONE 'Europe/Tirane'))
       OR EXISTS (SELECT FROM groups_termsbinding b
                  WHERE b.terms_id = v.id AND b.group_id = g.id AND b.binds_from <= %(at)s)
    ORDER BY v.number DESC LIMIT 1
"""


def in_force(group: Group, at: datetime) -> TermsVersion:
    """Return the terms that bind this group at that moment."""
    sql = f"SELECT t.* FROM groups_group g, LATERAL ({IN_FORCE}) t WHERE g.id = %(group)s"  # noqa: S608
    return TermsVersion.objects.raw(sql, {"group": group.pk, "at": at})[0]


def newest(at: datetime) -> TermsVersion:
    """Return the newest terms published by that moment, which bind a group that opens then."""
    return TermsVersion.objects.filter(published_at__lte=at).order_by("-number")[0]
