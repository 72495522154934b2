"""The demonstration: invented members, the offices' synthetic lists taken in, and a few families shared by many.

Everything is done by the members themselves, through the same actions as on the pages, so that the demonstration is
also a trial of the whole. Nobody in it exists.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from homeward.casework.assistance import actions as assistance
from homeward.casework.assistance import queries as support
from homeward.casework.cases import actions as cases
from homeward.casework.cases import queries
from homeward.casework.cases.models import Case, CaseInSight
from homeward.casework.cases.rules.care import Setting, State
from homeward.casework.cases.rules.notes import Label
from homeward.casework.people.models import Person
from homeward.casework.people.queries import household_of
from homeward.foundation.access import queries as access
from homeward.foundation.access.context import operating_as
from homeward.foundation.access.rules import Category
from homeward.foundation.audit.actions import Operator
from homeward.foundation.institutions import queries as institutions
from homeward.foundation.institutions.actions import create_account, seat_member
from homeward.foundation.institutions.models import Account, Member
from homeward.foundation.kernel.clock import today
from homeward.foundation.kernel.errors import Refusal
from homeward.foundation.kernel.packs import Pack

PASSWORD = "came-home-together"
COORDINATOR = "dprrp-coordinator"
FILES = (
    ("iom-reception-2019-04-20.xlsx", "iom-reception"),
    ("iom-reception-2021-07-17.xlsx", "iom-reception"),
    ("dprrp-individual-returns.csv", "dprrp-individual"),
    ("dprrp-expected-returns.csv", "dprrp-expected"),
    ("kcs-custody.csv", "kcs-custody"),
    ("kps-caseload.xlsx", "kps-caseload"),
    ("education-enrolment.csv", "education-enrolment"),
    ("dprrp-assistance.xlsx", "dprrp-assistance"),
    ("csw-assistance.csv", "csw-assistance"),
    ("cso-support.csv", "cso-support"),
    ("cso-sessions.csv", "cso-sessions"),
)
HOME = "mitrovica-south"  # the municipality whose offices are seated in the demonstration


def seat(pack: Pack, *, by: Operator) -> list[Mapping[str, Any]]:
    """Gives every member of the pack's `demo.yaml` an account and a seat. Returns them as they stand in the file."""
    members: list[Mapping[str, Any]] = pack.section("demo")["members"]
    for item in members:
        account = Account.objects.filter(username=item["login"]).first()
        if account is None:
            account = create_account(item["login"], PASSWORD, language=item.get("language", "sq"), by=by)
        seat_member(
            account=account,
            institution_code=item["institution"],
            unit_code=item.get("unit", ""),
            name=item["name"],
            roles=item["roles"],
            by=by,
        )
    return members


def is_filled() -> bool:
    """Whether the demonstration already has its cases."""
    with operating_as(COORDINATOR) as member:
        return queries.in_sight(to=member).exists()


def is_shared() -> bool:
    """Whether other institutions already take part."""
    with operating_as("kps-officer") as member:
        return queries.in_sight(to=member).exists()


def files(root: Path) -> Iterable[tuple[Path, str]]:
    """The lists the demonstration takes in, with their senders."""
    return [(root / "examples" / name, sender) for name, sender in FILES]


def share(say: Callable[[str], None]) -> None:
    """Moves the cases to where they would stand by now and lets other institutions into some of them."""
    with operating_as(COORDINATOR) as member:
        shared = _share_cases(member)
    say(f"{shared} doors opened to other institutions.")
    for login, category, label, text in NOTES:
        with operating_as(login) as member:
            for row in _come_home(member)[:3]:
                if row.person is not None and access.sight(row.case_id, to=member).writes(category):
                    cases.write_note(
                        row.case,
                        category=category,
                        label=label,
                        happened_on=today() - timedelta(days=9),
                        text=text,
                        by=member,
                    )
    say("Notes written by each institution.")
    _give(say)


def _come_home(member: Member) -> list[CaseInSight]:
    """The cases this member sees of people who are here: nobody is visited who is still expected."""
    seen = queries.in_sight(to=member).order_by("opened_at", "case_id")
    return [row for row in seen if row.case.standing is None or row.case.standing.state != State.EXPECTED]


def _give(say: Callable[[str], None]) -> None:
    """Three payers help the same few families: a rent that two have paid, one that was asked for twice, one that ends soon."""
    day, given = today(), 0
    homes: list[Any] = []
    for login, kind, amount, begins, lasts in SUPPORT:
        with operating_as(login) as member:
            homes = homes or _one_of_each_family(member)
            kinds = {one.code: one for one in support.kinds(to=member)}
            for place, case in enumerate(homes[: 2 if login == "dprrp-officer" else 4]):
                first = day + timedelta(days=begins - 40 * place)
                wanted: dict[str, Any] = {
                    "kind": kinds[kind],
                    "starts_on": first,
                    "ends_on": first + timedelta(days=lasts),
                }
                wanted |= {"amount": Decimal(amount), "source": f"Demo fund {member.institution.code}"}
                wanted |= {} if kinds[kind].measure != "goods" else {"quantity": 1}
                try:
                    entry = assistance.request(case, by=member, **wanted)
                    if not support.meetings_of(entry, to=member):
                        assistance.release(assistance.approve(entry, by=member), by=member)
                    given += 1
                except Refusal:
                    continue  # a person of no household, or a case that is over
    say(f"{given} entries of support by three payers.")


def _one_of_each_family(member: Member) -> list[Case]:
    """Cases in which the member may enter support, of people who do not live together."""
    found: dict[Any, Case] = {}
    for row in queries.in_sight(to=member):
        lives = household_of(row.person, to=member) if row.person else None
        if lives and access.sight(row.case_id, to=member).writes(Category.ASSISTANCE):
            found.setdefault(lives.household_id, row.case)
    return list(found.values())


# Who gives what: how much, from which day (counted from today) and for how many days.
SUPPORT = (
    ("csw-mitrovica-south", "rent", "900.00", -170, 180),
    ("csw-mitrovica-south", "food-package", "35.00", -60, 0),
    ("dprrp-officer", "rent", "600.00", -40, 120),
    ("atrc-counsellor", "school-supplies", "80.00", -30, 0),
    ("atrc-counsellor", "cash", "240.00", -20, 45),
    ("dprrp-officer", "wood", "240.00", -100, 0),
)

NOTES = (
    (
        "dprrp-officer",
        Category.CASE,
        Label.FACT,
        "First visit at home. The family has a place to live until summer.",
    ),
    (
        "kps-officer",
        Category.SUPERVISION,
        Label.FACT,
        "Came to the appointment on time. Next one in two weeks.",
    ),
    ("kcs-ve-unit", Category.CUSTODY, Label.FACT, "Takes part in the vocational course."),
    (
        "csw-mitrovica-south",
        Category.CHILD_PROTECTION,
        Label.OPINION,
        "The children are well looked after by their mother.",
    ),
    (
        "school-psychologist",
        Category.EDUCATION,
        Label.FACT,
        "Catch-up classes in reading, twice a week. Has found friends.",
    ),
    ("health-psychologist", Category.HEALTH, Label.FACT, "First examination done; the next one in spring."),
)


def _share_cases(by: Member) -> int:
    offices = {one.code: one for one in institutions.institutions(to=by)}
    opened = 0
    for row in queries.in_sight(to=by).order_by("opened_at", "case_id"):
        person, case = row.person, row.case
        if person is None or case.standing is None or case.standing.state == State.EXPECTED:
            continue
        for code, reason in _partners(person):
            if code not in offices:
                continue
            protocols = access.protocols_for(offices[code], lead=by.institution, to=by, case_id=case.pk)
            if protocols:
                cases.involve(case, institution=offices[code], protocols=protocols, reason=reason, by=by)
                opened += 1
        _move_on(case, person, by)
    return opened


def _partners(person: Person) -> Iterable[tuple[str, str]]:
    """Who would take part, judged by age, sex and place alone; whom the lists do not tell about, nobody is involved for."""
    if person.born is None:
        return
    home = person.municipality.code if person.municipality else ""
    age = person.born.age_on(today())[0] if person.born else 0
    born_after_2001 = person.born is not None and person.born.earliest >= date(2001, 1, 1)
    if not born_after_2001 and person.sex == "F":
        yield "kps", "Conditional sentence of two and a half years"
    if not born_after_2001 and person.sex == "M" and int(person.ref[-1], 36) % 3 == 0:
        yield "kcs", "Serves a sentence"
    if person.sex == "F" or born_after_2001:
        yield f"csw-{home}", "Support of the family"
    if home == HOME and 6 <= age <= 17:
        yield f"school-demo-{HOME}", "Support at school"
        yield f"mental-health-{HOME}", "Examination of the child"
    if home == HOME and not born_after_2001:
        yield "atrc", "Counselling and help with finding work"
        yield f"municipality-{HOME}", "Housing"


def _move_on(case: Case, person: Person, by: Member) -> None:
    """Those who came years ago are long past the first steps; a few stand at each of them, so that every page has something."""
    steps = int(person.ref[-2], 36) % 8
    if case.standing is None or case.standing.state != State.RECEPTION:
        return
    if steps > 0:
        cases.begin_intake(case, by=by)
    if steps > 1:
        cases.begin_assessment(case, by=by)
    if steps > 2:
        cases.mark_planned(case, by=by)
    if steps > 3:
        cases.activate(case, setting=Setting.COMMUNITY, by=by)
