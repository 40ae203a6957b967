"""*Mbyllja e ditës*: printed = signed = scanned = filed, or the manager writes why not.

A day end covers every paper that changed since the one before, and every paper not yet filed or
scanned, so that a forgotten evening loses none.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from klikon.desk.models import DayEnd, Draft, DraftState, Letter, Paper, Scan
from klikon.desk.refusals import DayDoesNotAddUp, DayIsClosed
from klikon.leader.leadership import CANCELLED
from superfamilja.accounts.models import Store, User
from superfamilja.accounts.second_person import holding
from superfamilja.audit import acts
from superfamilja.data.database import constraint_of
from superfamilja.values.shop_day import day_of


@dataclass(frozen=True)
class DayFigures:
    """Papers that changed since the last day end, without void ones."""

    printed: int
    signed: int
    scanned: int
    filed: int

    @property
    def add_up(self) -> bool:
        """Return whether every paper is signed, scanned and filed."""
        return self.printed == self.signed == self.scanned == self.filed


def last_end(store: Store) -> DayEnd | None:
    """Return the newest day end of this shop."""
    return DayEnd.objects.filter(store=store).select_related("closed_by").order_by("-day").first()


def papers_since(store: Store, since: datetime | None) -> QuerySet[Paper]:
    """Return the shop's papers for the next day end, newest last.

    These are papers that are not void and were made, signed, scanned or filed since then, or are
    not filed or scanned yet.
    """
    standing = Scan.objects.proven().filter(paper=OuterRef("pk"))
    own = Paper.objects.filter(draft__store=store, voided_at=None)
    own = own.annotate(is_scanned=Exists(standing))
    if since:
        # A paper that was incomplete at the last day end counts in the one that completes it.
        moved = Exists(standing.filter(Q(scanned_at__gt=since) | Q(vouched_at__gt=since)))
        own = own.filter(
            Q(made_at__gt=since)
            | Q(draft__done_at__gt=since)
            | moved
            | Q(filed_at__gt=since)
            | Q(filed_at=None)
            | Q(is_scanned=False)
        )
    return (
        own.defer("content")
        .select_related("draft__contract", "draft__done_by", "made_by", "blank", "filed_by")
        .order_by("made_at", "pk")
    )


def figures(store: Store, since: datetime | None) -> DayFigures:
    """Count papers printed, signed, scanned and filed, in one query."""
    signed = Q(draft__state=DraftState.DONE)
    counted = papers_since(store, since).aggregate(
        printed=Count("pk"),
        signed=Count("pk", filter=signed),
        scanned=Count("pk", filter=signed & Q(is_scanned=True)),
        filed=Count("pk", filter=signed & Q(is_scanned=True, filed_at__isnull=False)),
    )
    return DayFigures(**counted)


@transaction.atomic
def file_papers(*, store: Store, papers: list[int], actor: User, at: datetime) -> int:
    """Mark these signed papers as filed; return how many were filed now.

    Only papers with a proven scan count. Raise AccountHeld.
    """
    holding.require_free(actor, at)  # R35
    # Locked before they are checked, so that no scan is withdrawn in between.
    list(Paper.objects.select_for_update().filter(pk__in=papers).order_by("pk").values("pk"))
    proven = Exists(Scan.objects.proven().filter(paper=OuterRef("pk")))
    done = Paper.objects.filter(
        proven,
        pk__in=papers,
        draft__store=store,
        draft__state=DraftState.DONE,
        voided_at=None,
        filed_at=None,
    )
    filed = done.update(filed_at=at, filed_by=actor)
    if filed:
        acts.record("file_papers", actor=actor, at=at, store=store.code, papers=filed)
    return filed


@transaction.atomic
def close_day(*, store: Store, actor: User, at: datetime, note: str = "") -> DayEnd:
    """Sign for the papers since the last day end.

    Raise DayIsClosed, DayDoesNotAddUp, AccountHeld.
    """
    holding.require_free(actor, at)  # R35
    last = last_end(store)
    counted = figures(store, last.closed_at if last else None)
    if not (counted.add_up or note.strip()):
        raise DayDoesNotAddUp
    day = day_of(at)
    try:
        with transaction.atomic():
            ended = DayEnd.objects.create(
                store=store,
                day=day,
                closed_at=at,
                closed_by=actor,
                note=note.strip(),
                printed=counted.printed,
                signed=counted.signed,
                scanned=counted.scanned,
                filed=counted.filed,
            )
    except IntegrityError as error:
        if constraint_of(error) == "day_end_once":
            raise DayIsClosed from error
        raise
    acts.record("close_day", actor=actor, at=at, reason=note, store=store.code, day=str(day))
    return ended


def exceptions(store: Store, since: datetime | None) -> dict[str, list[Draft]]:
    """Return what a manager checks twice: void papers, letters, cancellations, withdrawn scans."""
    begun = {"changed_at__gt": since} if since else {}
    of_the_shop = Draft.objects.of(store).select_related("contract", "changed_by", "done_by")
    drafts = of_the_shop.filter(**begun).order_by("-changed_at")
    taken_back = Scan.objects.filter(paper__draft=OuterRef("pk"), withdrawn_at__isnull=False)
    if since:
        taken_back = taken_back.filter(withdrawn_at__gt=since)
    return {
        "withdrawn": list(of_the_shop.filter(Exists(taken_back)).order_by("-changed_at")[:50]),
        "void": list(drafts.filter(papers__voided_at__isnull=False).distinct()[:50]),
        "by_letter": list(drafts.filter(papers__letter__isnull=False)[:50]),
        "cancelled": list(drafts.filter(declaration__assignment__ended_reason=CANCELLED)[:50]),
    }


def letters(store: Store) -> QuerySet[Letter]:
    """Return the letters to payers that are not posted, the oldest first.

    `is_cancelled` means that the Declaration was a mistake of the shop; the letter says so, too.
    """
    return (
        _unposted(store)
        .annotate(
            is_cancelled=Q(paper__draft__declaration__assignment__ended_reason=CANCELLED),
            is_declared=Q(paper__draft__declaration__isnull=False) | Q(declaration__isnull=False),
        )
        .select_related("paper__draft__contract", "declaration__contract", "member")
        .defer("paper__content")
        .order_by("made_at", "pk")
    )


@transaction.atomic
def post_letters(*, store: Store, chosen: list[int], actor: User, at: datetime) -> int:
    """Mark these letters as posted; return how many were marked now. Raise AccountHeld."""
    holding.require_free(actor, at)  # R35
    posted = _unposted(store).filter(pk__in=chosen).update(posted_at=at, posted_by=actor)
    if posted:
        acts.record("post_letters", actor=actor, at=at, store=store.code, letters=posted)
    return posted


def _unposted(store: Store) -> QuerySet[Letter]:
    return Letter.objects.filter(Q(store=store) | Q(store=None), posted_at=None)
