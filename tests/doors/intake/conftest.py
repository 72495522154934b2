"""Lists to try the intake with: workbooks and CSV files made on the spot, and the ones that ship."""

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
import pytest
from django.utils import translation

import homeward
from homeward.doors.intake.rules.checking import Checking
from homeward.doors.intake.rules.mapping import SenderMapping
from homeward.doors.intake.rules.senders import place_names, sender_mapping, vocabulary
from homeward.doors.intake.rules.setting import Surroundings
from homeward.doors.intake.rules.tables import open_table
from homeward.foundation.kernel.packs import load

EXAMPLES = Path(homeward.__file__).resolve().parents[1] / "examples"
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Sentences are compared in English, whatever the language of the installation."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def around() -> Surroundings:
    """The words and places of Kosovo, on a fixed day."""
    pack = load("kosovo")
    return Surroundings(vocabulary(pack), place_names(pack, pack.section("municipality-spellings")), TODAY)


@pytest.fixture(scope="session")
def sender() -> Callable[[str], SenderMapping]:
    """The mapping of a sender, as it ships."""
    pack = load("kosovo")
    return lambda name: sender_mapping(pack, name)


@pytest.fixture(scope="session")
def example() -> Callable[[str], io.BytesIO]:
    """One of the lists that ship with the project."""
    return lambda name: io.BytesIO((EXAMPLES / name).read_bytes())


@pytest.fixture(scope="session")
def workbook() -> Callable[..., io.BytesIO]:
    """An XLSX file with these rows; `dress` may still do something to the sheet."""

    def make(rows: Iterable[Iterable[Any]], dress: Callable[[Any, Any], None] | None = None) -> io.BytesIO:
        book = openpyxl.Workbook()
        sheet = book.active
        for row in rows:
            sheet.append(list(row))
        if dress is not None:
            dress(book, sheet)
        file = io.BytesIO()
        book.save(file)
        file.seek(0)
        return file

    return make


@pytest.fixture(scope="session")
def check(around, sender) -> Callable[..., Checking]:
    """A file on its way through the check as a list of this sender."""

    def start(file: BinaryIO, name: str) -> Checking:
        return Checking(open_table(file), sender(name), around)

    return start


# ── lists in the database ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def take_in(acting: Any, ana: Any) -> Callable[..., Any]:
    """Takes in a list as Ana does, up to the point where it could be imported; `through=True` imports it."""
    from homeward.doors.intake import actions, queries

    def run(
        file: Any, sender: str = "dprrp-individual", *, name: str = "list.csv", through: bool = False
    ) -> Any:
        with acting(ana):
            batch = actions.upload(file=file, sender=sender, by=ana, file_name=name)
            actions.read_list.now(by=ana, batch=str(batch.pk))
            batch = queries.batch(batch.pk, to=ana)
            if through:
                actions.begin_import(batch, by=ana)
                actions.import_list.now(by=ana, batch=str(batch.pk))
                batch = queries.batch(batch.pk, to=ana)
            return batch

    return run
