"""What every attack needs: the country, the oracle's word on it, and what really stands in the tables.

An attack is a function from a siege to the breaches it found, in words. No breach means the attack was beaten off.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from tests.attacks.filling import Table, guarded
from tests.attacks.stage import Stage
from tests.attacks.world import World
from tests.oracle.oracle import Facts, Oracle
from tests.oracle.pack import Office, load
from tests.oracle.rows import SPECIAL, Reader, Row

Attack = Callable[["Siege"], Iterable[str]]


@dataclass
class Siege:
    """One world under attack at one moment."""

    world: World
    _truth: dict[tuple[str, str], dict[str, Row]] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        return self.world.stage

    @property
    def facts(self) -> Facts:
        return self.world.facts

    @cached_property
    def oracle(self) -> Oracle:
        return Oracle(self.world.pack, self.world.facts, datetime.now(UTC), datetime.now(UTC).date())

    @cached_property
    def readers(self) -> dict[str, Reader]:
        return {login: Reader(login, self.world, self.oracle) for login in self.world.serving}

    @cached_property
    def tables(self) -> list[Table]:
        return guarded(self.world)

    @cached_property
    def every_table(self) -> list[str]:
        """All tables of the three schemas, the libraries' too."""
        rows = self.stage.ask(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('app', 'audit', 'sec') order by 1"
        )
        return [name for (name,) in rows]

    def truth(self, source: str, columns: str) -> dict[str, Row]:
        """Every row of a table by its place in it, as the superuser sees it."""
        if (source, columns) not in self._truth:
            place = f"{source.split()[-1]}.ctid" if " " in source else "ctid"
            rows = self.stage.ask(f"select {place}::text, {columns} from {source}")
            self._truth[source, columns] = {row[0]: row[1:] for row in rows}
        return self._truth[source, columns]

    @cached_property
    def keys(self) -> set[str]:
        """Everything whose mere key would tell something: cases, persons, members, institutions."""
        people = [case.person for case in self.facts.cases.values()]
        everybody = [
            *self.facts.cases,
            *people,
            *self.world.members.values(),
            *self.world.institutions.values(),
        ]
        return {str(key) for key in everybody}

    def pack_mandates(self, office: Office) -> list[str]:
        """The protocols by which this institution leads cases of its own."""
        return [one.code for one in load().protocols.values() if one.lets(office, office)]

    def kept_from(self, login: str, lead: str, *, with_guest: str = "") -> Any:
        """A case led by this institution from which this member is kept away, with that guest in it today."""
        inside = {
            door.case
            for door in self.facts.doors
            if door.office == with_guest and door.begins <= self.oracle.now < door.ends
        }
        return next(
            key
            for key, case in self.facts.cases.items()
            if case.lead == lead
            and (login, key) in self.facts.kept_away
            and (key in inside or not with_guest)
        )

    def forget(self) -> None:
        """After something was changed behind the scene."""
        self._truth.clear()

    def case_of(self, lead: str, *, with_guest: str | None = None, without: str | None = None) -> Any:
        """A case led by this institution, with another one in it today, or one that never was."""
        return next(self.cases_of(lead, with_guest=with_guest, without=without))

    def cases_of(
        self, lead: str, *, with_guest: str | None = None, without: str | None = None
    ) -> Iterator[Any]:
        inside: dict[Any, set[str]] = {}
        ever: dict[Any, set[str]] = {}
        for door in self.facts.doors:
            ever.setdefault(door.case, set()).add(door.office)
            if door.begins <= self.oracle.now < door.ends and door.protocol in load().protocols:
                inside.setdefault(door.case, set()).add(door.office)
        looked = {look.case for look in self.facts.looks}
        kept = {case for _login, case in self.facts.kept_away}
        for key, case in self.facts.cases.items():
            offices = inside.get(key, set())
            if (
                case.lead == lead
                and key not in looked
                and key not in kept
                and without not in ever.get(key, set())
            ) and (with_guest is None or with_guest in offices):
                yield key


def wrong_reads(
    siege: Siege, source: str, columns: str, sees: Callable[[Reader, Row], bool]
) -> Iterator[str]:
    """Members who see a row they must not, or miss one they may see."""
    truth = siege.truth(source, columns)
    place = f"{source.split()[-1]}.ctid" if " " in source else "ctid"
    for login, reader in siege.readers.items():
        with siege.stage.as_member(login) as connection:
            actual = {row[0] for row in connection.execute(f"select {place}::text from {source}")}
        expected = {where for where, row in truth.items() if sees(reader, row)}
        if leaked := actual - expected:
            yield f"{login} sees {len(leaked)} rows too many of {source}: {truth.get(min(leaked))}"
        if missed := expected - actual:
            yield f"{login} misses {len(missed)} rows of {source}: {truth[min(missed)]}"


def reads_of(siege: Siege, table: Table) -> Iterator[str]:
    """The same for a guarded table, by its shape or by its own rule."""
    special = SPECIAL.get(f"app.{table.name}")
    if special:
        yield from wrong_reads(siege, special.source or f"app.{table.name}", special.columns, special.sees)
    elif table.shape == "special":
        yield f"app.{table.name} has a rule of its own and tests/oracle/rows.py does not know it"
    else:
        columns = ", ".join(table.columns) or "1"
        yield from wrong_reads(
            siege, f"app.{table.name}", columns, lambda reader, row: reader.sees(table, row)
        )
