"""Every attack is beaten off."""

import pytest

from tests.attacks import reading
from tests.attacks.siege import Attack, Siege

ATTACKS = [*reading.ATTACKS]


@pytest.mark.parametrize(
    "attack", ATTACKS, ids=lambda attack: f"{attack.__module__.split('.')[-1]}.{attack.__name__}"
)
def test_the_attack_is_beaten_off(siege: Siege, attack: Attack) -> None:
    breaches = list(attack(siege))

    assert not breaches, "\n".join(breaches[:20])
