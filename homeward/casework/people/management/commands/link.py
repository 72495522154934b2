"""`manage.py link --json`: who may have been registered twice, in the whole register, with the evidence."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from homeward.casework.people.actions import link_register
from homeward.casework.people.rules.linkage import REVIEW_FROM, SAME_FROM, Link, Verdict
from homeward.foundation.audit.actions import Operator


class Command(BaseCommand):
    """Compares everybody with everybody who may be meant, and says what speaks for and against each pair.

    Nobody is merged. References and evidence are told, and no name: who reviews opens the two records with the rights
    of a reviewer.
    """

    help = "Which two records of the register may be one person: probability and evidence."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the command."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument(
            "--least",
            type=float,
            default=REVIEW_FROM,
            help="leave out pairs that are less probable than this",
        )
        parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the pairs, the likeliest first."""
        began = time.perf_counter()
        people, links = link_register(
            by=Operator("link"), least=options["least"], workers=max(1, options["workers"])
        )
        seconds = round(time.perf_counter() - began, 1)
        if options["json"]:
            found = {
                "people": people,
                "seconds": seconds,
                "thresholds": {"same": SAME_FROM, "review": REVIEW_FROM},
                "pairs": [_as_data(link) for link in links],
            }
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
            return
        verdicts = Counter(link.verdict for link in links)
        self.stdout.write(
            f"{people:,} people, {seconds} s: {verdicts[Verdict.SAME]} pairs are likely the same person,"
            f" {verdicts[Verdict.REVIEW]} should be looked at."
        )


def _as_data(link: Link) -> dict[str, object]:
    return {
        "one": link.one,
        "other": link.other,
        "probability": round(link.probability, 4),
        "verdict": link.verdict.value,
        "evidence": [asdict(one) for one in link.evidence if one.weight],
    }
