"""Clean the texts that were stored before the normaliser existed."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from superfamilja.audit import acts
from superfamilja.clock import portal_clock
from superfamilja.data.clean_text import kept_clean
from superfamilja.data.text_repair import Unclean, unclean, validate


class Command(BaseCommand):
    help = (
        "Show stored texts with letters that are not seen, outer or double spaces. With --apply "
        "clean them; a row whose clean text another one has already stays, and is named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="clean them")

    def handle(self, *args: Any, **options: Any) -> None:
        figures: Counter[str] = Counter(cleaned=0, stay=0, found=0)
        for model, constraint in kept_clean():
            for row in list(unclean(model, constraint)):
                figures[self._one(row, apply=options["apply"])] += 1
            if options["apply"]:
                validate(model, constraint)
        self._say(figures, applied=options["apply"])

    def _one(self, row: Unclean, *, apply: bool) -> str:
        outcome = "found"
        if apply:
            outcome = "cleaned" if row.now and row.repair() else "stay"
        for name in row.now or {"": ""}:
            was, now = row.was.get(name, ""), row.now.get(name, "")
            self.stdout.write(
                f"{outcome}: {row.model._meta.label} {row.pk} {name}: {was!a} -> {now!a}"
            )
        return outcome

    def _say(self, figures: Counter[str], *, applied: bool) -> None:
        if not applied:
            self.stdout.write(_("Rows to clean: %(found)s. Nothing was changed.") % figures)
            return
        if figures["cleaned"]:
            acts.record("normalise_texts", actor=None, at=portal_clock.now(), figures=dict(figures))
        self.stdout.write(_("Rows cleaned: %(cleaned)s; left as they are: %(stay)s.") % figures)
        if figures["stay"]:
            raise CommandError(
                _(
                    "Some rows stay: another row has the clean text already, a letter only looks "
                    "like one of ours, or the row is written once. Put them right by hand."
                )
            )
