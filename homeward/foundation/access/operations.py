"""One line in a migration guards a table: `Protect("referral", case="case_id", category=Category.REFERRAL, …)`.

Each operation turns row-level security on, forces it on the owner too, writes the policies, gives the web's and the
worker's role exactly the columns they need, and enters the table in `sec.guarded`, from which the tests know what
there is to attack. Nobody may delete.
"""

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

from homeward.foundation.access.rules import TELLING, Depth, mask_of

WEB_ROLES = "homeward_app, homeward_job"


def _forced(table: str) -> list[str]:
    return [
        f"alter table app.{table} enable row level security",
        f"alter table app.{table} force row level security",
        f"grant select on app.{table} to {WEB_ROLES}",
        f"grant select on app.{table} to homeward_definer",
    ]


def _erasable(table: str) -> list[str]:
    """The application deletes nothing; the definer does, inside its functions, when a retention has ended."""
    return [f"grant delete on app.{table} to homeward_definer"]


def _followed(table: str, *columns: str | None) -> list[str]:
    """When two records of one person become one, the definer moves their rows, and later back (ADR 0030)."""
    named = ", ".join(dict.fromkeys(column for column in columns if column))
    return [f"grant update ({named}) on app.{table} to homeward_definer"] if named else []


def _written(table: str, insert: str | None, update: str | None, columns: Sequence[str] | None) -> list[str]:
    lines = []
    if insert is not None:
        lines += [
            f"grant insert on app.{table} to {WEB_ROLES}",
            f"create policy added on app.{table} for insert to {WEB_ROLES} with check ({insert})",
        ]
    if update is not None:
        lines += [
            f"grant update ({', '.join(columns)}) on app.{table} to {WEB_ROLES}"
            if columns
            else _every_column(table),
            f"create policy changed on app.{table} for update to {WEB_ROLES} using ({update}) with check ({update})",
        ]
    return lines


def _every_column(table: str) -> str:
    """All columns but the key, one by one: whoever may change a table as a whole may also lock everybody out of it."""
    return (
        "do $$ begin execute (select format('grant update (%s) on app."
        f"{table} to {WEB_ROLES}', string_agg(quote_ident(attname), ', ')) from pg_attribute "
        f"where attrelid = 'app.{table}'::regclass and attnum > 0 and not attisdropped and attname <> 'id'); end $$"
    )


def _entered(
    table: str, shape: str, *, stays: bool = False, persons: Sequence[str] = (), **columns: str | int | None
) -> str:
    names = ["table_name", "shape", *(name for name, value in columns.items() if value is not None)]
    values = [f"'{table}'", f"'{shape}'"]
    values += [str(v) if isinstance(v, int) else f"'{v}'" for v in columns.values() if v is not None]
    if stays:
        names, values = [*names, "stays"], [*values, "true"]
    if persons:
        names, values = [*names, "persons"], [*values, f"'{{{', '.join(persons)}}}'"]
    return f"insert into sec.guarded ({', '.join(names)}) values ({', '.join(values)})"


def _sql(lines: list[str]) -> str:
    return "set local role homeward_owner;\n" + ";\n".join(lines) + ";\nreset role;"


class Protect(RunSQL):
    """Rows that belong to a case and a category: seen as deep as the protocols say, and by whoever wrote them.

    `category` is a Category or the name of the column that holds one. `owner` is the column with the writing
    institution: its own rows are seen by it while it may write the category, and only it may change them. `depth` is
    what another institution needs to see the row. `updates` limits which columns may ever change; `()` for none. Rows go with their case.

    When two records of one person become one, the rows follow, unless they say that each `stays` with its own case (ADR 0030).
    """

    def __init__(
        self,
        table: str,
        *,
        case: str = "case_id",
        category: int | str,
        owner: str | None = None,
        depth: int = Depth.FULL,
        updates: Sequence[str] | None = None,
        inserts: bool = True,
        stays: bool = False,
    ) -> None:
        self.table = table
        wanted = f"{table}.{category}" if isinstance(category, str) else str(int(category))
        match = f"a.case_id = {table}.{case} and a.category = {wanted}"
        some = f"exists (select 1 from app.case_access_cat a where {match}"
        seen = f"{some} and a.depth >= {int(depth)})"
        write = f"{some} and a.can_write)"
        change = (
            f"{some} and a.can_write and a.depth >= {int(depth)})"  # nobody writes over what they cannot read
        )
        if owner:
            mine = f"{table}.{owner} = (select sec.institution())"
            seen = f"{seen} or ({mine} and {write})"
            write = change = f"{mine} and {write}"
        lines = _forced(table) + _erasable(table) + _followed(table, None if stays else case)
        lines.append(f"create policy seen on app.{table} for select to {WEB_ROLES} using ({seen})")
        lines += _written(table, write if inserts else None, None if updates == () else change, updates)
        lines.append(
            _entered(
                table,
                "case",
                key_column=case,
                category=None if isinstance(category, str) else int(category),
                category_column=category if isinstance(category, str) else None,
                depth=int(depth),
                owner_column=owner,
                about="case",
                stays=stays,
            )
        )
        super().__init__(_sql(lines), RunSQL.noop)


class ProtectPerson(RunSQL):
    """Rows that belong to a person: seen with any case of that person whose category is open in full.

    Rows may be added to persons one may write about in that category, and to persons who have no case yet (they are
    being registered in this very transaction, and nobody can have seen them).

    `telling` is a condition in SQL for rows that say where somebody has been, such as a kunya or a place of birth: they
    are seen only with a case of which the reader knows why there is one (`TELLING`), so that no school can read them.

    The rows go with the person; `erased_by` names a function that does what is to be done beside (ADR 0028). They follow
    when two records become one, and so do other columns with the key of a person, `persons`; unless a row `stays` (ADR 0030).
    """

    def __init__(
        self,
        table: str,
        *,
        person: str = "person_id",
        category: int,
        telling: str = "",
        updates: Sequence[str] | None = None,
        erased_by: str | None = None,
        stays: bool = False,
        persons: Sequence[str] = (),
    ) -> None:
        bit = 1 << int(category)
        ours = f"((select sec.mask()) & {bit}) <> 0"
        some = f"{ours} and exists (select 1 from app.case_access a where a.person_id = {table}.{person}"
        if telling:
            knows = f"(a.seen_mask & (select sec.mask()) & {mask_of(TELLING)}) <> 0"
            some += f" and {knows}" if telling == "true" else f" and (({telling}) is not true or {knows})"
        seen = f"{some} and (a.cat_mask & {bit}) <> 0)"
        write = f"{some} and (a.write_mask & {bit}) <> 0)"
        change = f"{some} and (a.write_mask & a.cat_mask & {bit}) <> 0)"  # nobody writes over what they cannot read
        lines = _forced(table) + _erasable(table) + _followed(table, None if stays else person, *persons)
        lines.append(f"create policy seen on app.{table} for select to {WEB_ROLES} using ({seen})")
        lines += _written(
            table, f"({write}) or sec.registers({table}.{person})", None if updates == () else change, updates
        )
        told = "true" if telling == "true" else None
        lines.append(
            _entered(
                table,
                "person",
                key_column=person,
                category=int(category),
                telling=told,
                about="person",
                erased_by=erased_by,
                stays=stays,
                persons=persons,
            )
        )
        super().__init__(_sql(lines), RunSQL.noop)


class ProtectOwned(RunSQL):
    """Rows that concern one institution alone, such as an uploaded list: nobody else ever sees them.

    Nor does a colleague who is kept away from any case: a list names many people, and may name that one.

    Where they speak of a person, `erased_by` names the function that makes them forget one (ADR 0028), and `persons` the
    columns with the key of a person: they follow when two records become one (ADR 0030).
    """

    def __init__(
        self,
        table: str,
        *,
        owner: str = "institution_id",
        updates: Sequence[str] | None = None,
        erased_by: str | None = None,
        persons: Sequence[str] = (),
    ) -> None:
        mine = f"{table}.{owner} = (select sec.institution()) and (select cardinality(sec.excluded())) = 0"
        lines = _forced(table) + _erasable(table) + _followed(table, *persons)
        lines.append(f"create policy seen on app.{table} for select to {WEB_ROLES} using ({mine})")
        lines += _written(table, mine, None if updates == () else mine, updates)
        lines.append(_entered(table, "owned", owner_column=owner, erased_by=erased_by, persons=persons))
        super().__init__(_sql(lines), RunSQL.noop)


class ProtectReference(RunSQL):
    """Rows that every member may read and that say nothing about a person, such as waves and published figures.

    `writers` names the roles that may add and change them; the operator may too, when loading a pack.
    """

    def __init__(self, table: str, *, writers: Sequence[str] = ()) -> None:
        lines = _forced(table)
        lines.append(
            f"create policy known on app.{table} for select to {WEB_ROLES} using ((select sec.member()) is not null)"
        )
        if writers:
            held = (
                "(select sec.has_mandate()) and (select sec.holds("
                + ", ".join(f"'{role}'" for role in writers)
                + "))"
            )
            lines += _written(table, held, held, None)
        lines.append(f"grant select, insert, update on app.{table} to homeward_migrate")
        lines.append(_entered(table, "reference"))
        super().__init__(_sql(lines), RunSQL.noop)


class ProtectWith(RunSQL):
    """Rows whose rule fits none of the shapes: the policies are written out, the table is guarded and entered.

    `seen`, `added` and `changed` are SQL conditions; `None` for what nobody may do. When a case is erased, its rows
    (`about="case"` or `"person"`, named in the column `key`) are deleted, or the function `erased_by` does what is to be
    done; a table with a path to a person that says neither fails a test (ADR 0028). Rows that have a `key` follow when two
    records of one person become one, unless they say that each `stays` (ADR 0030).
    """

    def __init__(
        self,
        table: str,
        *,
        seen: str,
        added: str | None = None,
        changed: str | None = None,
        updates: Sequence[str] | None = None,
        key: str | None = None,
        about: str | None = None,
        erased_by: str | None = None,
        stays: bool = False,
    ) -> None:
        lines = _forced(table) + _erasable(table) + _followed(table, None if stays else key)
        lines.append(f"create policy seen on app.{table} for select to {WEB_ROLES} using ({seen})")
        lines += _written(table, added, changed, updates)
        lines.append(
            _entered(table, "special", key_column=key, about=about, erased_by=erased_by, stays=stays)
        )
        super().__init__(_sql(lines), RunSQL.noop)
