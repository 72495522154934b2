"""The search box: any spelling, any script, and never anybody one may not know."""

from homeward.casework.people import queries


def test_a_name_is_found_in_every_spelling_the_rules_cover(acting, ana, family):
    with acting(ana):
        for typed in ("Gjorgje", "Ђорђе", "Đorđe", "Djordje", "GJORGJE", "ђорђе османи"):
            found = queries.search(typed, to=ana)

            assert [one.person for one in found] == [family["gjorgje"]], typed
