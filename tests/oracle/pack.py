"""The country pack as any reader of YAML sees it. Nothing of Homeward is imported here: the oracle thinks for itself."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

PACKS = Path(__file__).resolve().parents[2] / "packs"
CATEGORIES = (
    "identity household return case legal custody supervision risk needs plan referral service assistance education "
    "health counselling child_protection gender_violence security intelligence"
).split()
DEPTHS = ("none", "existence", "summary", "full")
ZONE = ZoneInfo("Europe/Belgrade")


@dataclass(frozen=True)
class Protocol:
    """Who learns what from whom, from when to when; `clauses` maps a category to (depth, may write)."""

    code: str
    provider: str
    receiver: str
    begins: datetime
    ends: datetime
    from_age: int | None
    until_age: int | None
    clauses: dict[str, tuple[int, bool]]

    def lets(self, provider: "Office", receiver: "Office") -> bool:
        return self.provider in (provider.code, provider.kind) and self.names(receiver)

    def names(self, receiver: "Office") -> bool:
        return self.receiver in (receiver.code, receiver.kind)


@dataclass(frozen=True)
class Office:
    """An institution; `units` maps a unit to the categories its members see, None for all."""

    code: str
    kind: str
    party: str
    units: dict[str, frozenset[str] | None]

    @property
    def has_walls(self) -> bool:
        return any(categories is not None for categories in self.units.values())


@dataclass(frozen=True)
class Seat:
    """Somebody who works somewhere, as `demo.yaml` or the stage says."""

    login: str
    office: str
    unit: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Pack:
    protocols: dict[str, Protocol]
    offices: dict[str, Office]
    seats: dict[str, Seat]


@cache
def load(name: str = "kosovo") -> Pack:
    kinds = {kind["code"]: kind for kind in _yaml(name, "institution-kinds")}
    offices = {}
    for item in _yaml(name, "institutions"):
        kind = kinds[item["kind"]]
        units = {unit["code"]: _categories(unit) for unit in item.get("units") or kind.get("units") or ()}
        offices[item["code"]] = Office(item["code"], item["kind"], kind["party"], units)
    return Pack(
        protocols={item["code"]: _protocol(item) for item in _yaml(name, "protocols")},
        offices=offices,
        seats={
            item["login"]: Seat(
                item["login"], item["institution"], item.get("unit", ""), frozenset(item["roles"])
            )
            for item in _yaml(name, "demo")["members"]
        },
    )


def _protocol(item: dict[str, Any]) -> Protocol:
    return Protocol(
        code=item["code"],
        provider=item["provider"],
        receiver=item["receiver"],
        begins=_midnight(item["valid_from"]),
        ends=_midnight(item["valid_until"] + timedelta(days=1)),  # the last day counts
        from_age=item.get("ages", {}).get("from"),
        until_age=item.get("ages", {}).get("until"),
        clauses={
            clause["category"]: (DEPTHS.index(clause["depth"]), clause.get("writes", False))
            for clause in item["clauses"]
        },
    )


def _categories(unit: dict[str, Any]) -> frozenset[str] | None:
    return frozenset(unit["categories"]) if "categories" in unit else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def _yaml(pack: str, name: str) -> Any:
    return yaml.safe_load((PACKS / pack / f"{name}.yaml").read_text("utf-8"))
