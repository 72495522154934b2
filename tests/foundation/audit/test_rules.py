"""Hashes, roots and chains: what anybody could recompute with a pencil and much patience."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.foundation.audit.rules import (
    GENESIS,
    Header,
    Row,
    canonical,
    check_can_seal,
    hash_of,
    leaf_of,
    micros,
    moment,
    root_of,
)
from homeward.foundation.kernel.errors import RuleBroken

ROW = Row(
    id=1,
    place=(1, 10),
    at=datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC),
    member_id=UUID(int=1),
    institution_id=UUID(int=2),
    via="web",
    verb="case.noted",
    is_read=False,
    case_id=None,
    category=0,
    subject_type="case",
    subject_id=None,
    detail='{"a": 1}',
    salt=UUID(int=3),
    leaf=b"",
)
HEADER = Header(
    number=3,
    begins=(1, 10),
    ends=(1, 20),
    first_id=5,
    last_id=9,
    events=5,
    root=b"r" * 32,
    previous=GENESIS,
    hash=b"",
    sealed_at=datetime(2026, 3, 1, tzinfo=UTC),
)


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(bytes([number])).digest() for number in range(count)]


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def test_the_canonical_text_holds_every_column_in_its_place() -> None:
    assert canonical(ROW).split("\x1f") == [
        "1772366400123456",
        str(UUID(int=1)),
        str(UUID(int=2)),
        "web",
        "case.noted",
        "false",
        "",
        "0",
        "case",
        "",
        '{"a": 1}',
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"at": datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)},
        {"member_id": None},
        {"institution_id": UUID(int=9)},
        {"via": "job"},
        {"verb": "case.noteb"},
        {"is_read": True},
        {"case_id": UUID(int=7)},
        {"category": None},
        {"subject_type": "note"},
        {"subject_id": UUID(int=7)},
        {"detail": "{}"},
        {"salt": UUID(int=4)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_column_goes_into_the_hash(change: dict[str, object]) -> None:
    assert leaf_of(replace(ROW, **change)) != leaf_of(ROW)  # type: ignore[arg-type]


def test_a_root_of_nothing_one_two_and_three() -> None:
    a, b, c = leaves(3)

    assert root_of([]) == hashlib.sha256(b"").digest()
    assert root_of([a]) == a
    assert root_of([a, b]) == node(a, b)
    assert root_of([a, b, c]) == node(node(a, b), c)  # the odd one rises as it is


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=40, unique=True), st.data())
def test_another_order_or_another_leaf_gives_another_root(row: list[bytes], data: st.DataObject) -> None:
    one, other = data.draw(st.lists(st.integers(0, len(row) - 1), min_size=2, max_size=2, unique=True))
    swapped = list(row)
    swapped[one], swapped[other] = swapped[other], swapped[one]

    assert root_of(swapped) != root_of(row)
    assert root_of(row[:-1]) != root_of(row)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 4},
        {"begins": (1, 11)},
        {"ends": (2, 20)},
        {"first_id": 6},
        {"last_id": 8},
        {"events": 6},
        {"root": b"x" * 32},
        {"previous": b"x" * 32},
        {"sealed_at": datetime(2026, 3, 2, tzinfo=UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_everything_a_seal_says_goes_into_its_hash(change: dict[str, object]) -> None:
    assert hash_of(replace(HEADER, **change)) != hash_of(HEADER)  # type: ignore[arg-type]


@given(
    st.integers(0, 7_258_118_400_000_000).map(
        lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n)
    )
)
def test_moments_are_kept_to_the_microsecond(at: datetime) -> None:
    assert moment(micros(at)) == at


def test_a_log_is_not_sealed_by_a_server_younger_than_it() -> None:
    check_can_seal(None, 1, 5)
    check_can_seal(HEADER, 1, 20)
    check_can_seal(HEADER, 2, 3)
    with pytest.raises(RuleBroken, match="restored"):
        check_can_seal(HEADER, 1, 19)
