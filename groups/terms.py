"""Which terms bind a group at a moment (R18, R19)."""

from datetime import datetime

from groups.models import Group, TermsVersion

# Joined LATERAL to a row `g` of groups_group; %(at)s is the moment. A group starts under the
# newest terms published by the moment of its opening; newer ones bind it from the moment of its
# own binding; the very first terms bind everyone older than them. Where only the date of the
# opening is known, the day's first moment counts: nobody is bound by what may have come later.
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
    """The terms that bind this group at that moment."""
    sql = f"SELECT t.* FROM groups_group g, LATERAL ({IN_FORCE}) t WHERE g.id = %(group)s"  # noqa: S608
    return TermsVersion.objects.raw(sql, {"group": group.pk, "at": at})[0]


def newest(at: datetime) -> TermsVersion:
    """The newest terms published by that moment: those of a group that opens then."""
    return TermsVersion.objects.filter(published_at__lte=at).order_by("-number")[0]
