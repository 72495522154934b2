"""The three payers' lists of the examples: every rent paid twice is found, with its days, and none is invented.

Who a row is about is taken from the truth here: recognising people is another room's work, and tried there.
"""

import csv
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl

from homeward.casework.assistance import actions, queries
from homeward.casework.assistance.actions import HistoryRow
from homeward.foundation.institutions.models import Institution
from homeward.foundation.kernel.dates import PartialDate
from tests.factories.cases import open_cases, person

ROOT = Path(__file__).resolve().parents[3]
FILES = {"dprrp": "dprrp-assistance.xlsx", "csw": "csw-assistance.csv", "cso": "cso-support.csv"}
PAYERS = {"dprrp": "dprrp", "csw": "csw-prishtine", "cso": "atrc"}
KINDS = {
    "qira": "rent", "dru për ngrohje": "wood", "heating wood": "wood", "barna": "medicines", "pako ushqimore": "food-package",
    "food package": "food-package", "grant i vogël": "small-grant", "small grant": "small-grant",
    "mjete shkollore": "school-supplies", "school supplies": "school-supplies", "rent": "rent", "medicines": "medicines",
}  # fmt: skip


def day(value) -> date:
    if isinstance(value, datetime):
        return value.date()
    return date(*map(int, value.split(".")[::-1] if "." in value else value.split("-")))


def lines(sender: str):
    """(row, kind, first day, last day, amount) of each line that can be read at all."""
    path = ROOT / "examples" / FILES[sender]
    if sender == "dprrp":
        table = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))[1:]
        return [(row[0], row[4], row[5], row[6], str(row[7])) for row in table]
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter=";" if sender == "csw" else ","))[1:]
    return [(int(row[0]), *row[-4:]) for row in rows]


def test_every_overlap_of_the_truth_is_found_and_none_is_invented(acting, ana):
    truth = json.loads((ROOT / "tests" / "data" / "truth.json").read_text())
    people = truth["people"]
    with acting(ana):
        cases = dict(
            zip(
                people,
                open_cases(
                    [
                        person(sex=one["sex"], born=PartialDate(1980), household=one["household"])
                        for one in people.values()
                    ],
                    by=ana,
                ),
                strict=True,
            )
        )
        rows, places = [], []
        for sender, file in FILES.items():
            payer = Institution.objects.get(code=PAYERS[sender])
            for number, kind, starts, ends, amount in lines(sender):
                who = truth["rows"][file].get(str(number))
                if who is None or [file, number] in truth["faulty"]:
                    continue
                rows.append(
                    HistoryRow(
                        case=cases[who].pk,
                        kind=KINDS[kind],
                        starts_on=day(starts),
                        ends_on=day(ends),
                        amount=Decimal(amount.replace(",", ".")),
                        file=file,
                        row=number,
                        payer=payer,
                    )
                )
                places.append((sender, number))
        kept = actions.record_history(rows, by=ana)

        assert {one.outcome for one in kept} == {"kept"}
        senders = {file: sender for sender, file in FILES.items()}
        found = {
            (
                *sorted((senders[one.origin_file], one.origin_row) for one in (pair.first, pair.second)),
                pair.days,
            )
            for pair in queries.overlaps(to=ana)
        }
        wanted = {(*sorted((tuple(one["a"]), tuple(one["b"]))), one["days"]) for one in truth["overlaps"]}
        assert found == wanted
        assert len(rows) > 300
