"""Every attack is beaten off; none is forgotten; and there is a weakening for everything that could be weakened."""

import inspect
from types import ModuleType

import pytest

from tests.attacks.every import ATTACKS, MODULES, name_of
from tests.attacks.mutations import EQUIVALENT, UNTRIED, all_mutations
from tests.attacks.siege import Attack, Siege


@pytest.mark.parametrize("attack", ATTACKS, ids=name_of)
def test_the_attack_is_beaten_off(siege: Siege, attack: Attack) -> None:
    breaches = list(attack(siege))

    assert not breaches, "\n".join(breaches[:20])


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.split(".")[-1])
def test_no_attack_is_forgotten(module: ModuleType) -> None:
    """Whatever takes a siege and nothing else is an attack, and is made."""
    written = {
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and [one.annotation for one in inspect.signature(function).parameters.values()] == [Siege]
    }

    assert written == set(module.ATTACKS)
    assert written <= set(ATTACKS)


def test_every_weakening_has_a_name_of_its_own(siege: Siege) -> None:
    names = [mutation.name for mutation in all_mutations(siege)]

    assert len(names) == len(set(names))
    assert set(EQUIVALENT) <= set(names), "said to open nothing, and there is no such weakening"


def test_every_function_of_the_guard_is_weakened_or_says_why_not(siege: Siege) -> None:
    """`make prove` leaves out its checks one by one."""
    weakened = {
        mutation.name.split("(")[0].removeprefix("sec.")
        for mutation in all_mutations(siege)
        if mutation.kind == "function"
    }
    there = {
        name
        for (name,) in siege.stage.ask(
            "select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('sec', 'audit') "
            "or (n.nspname = 'app' and p.prosecdef and p.proname !~ '^procrastinate_')"
        )
    }

    assert there == weakened | set(UNTRIED)
    assert not weakened & set(UNTRIED)


def test_every_policy_is_weakened(siege: Siege) -> None:
    weakened = {mutation.name.split(":")[0] for mutation in all_mutations(siege)}
    there = {
        name
        for (name,) in siege.stage.ask(
            "select format('%I.%I', schemaname, tablename) from pg_policies where 'homeward_app' = any (roles)"
        )
    }

    assert there <= weakened
