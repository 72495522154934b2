"""The page for linguists is drawn from the rules, and says when it is not current."""

import sys

import pytest

from homeward.casework.people.rules.table import rules
from tools import draw_names


def test_the_page_is_current_and_has_every_rule():
    page = draw_names.PAGE.read_text("utf-8")

    assert page == draw_names.page()
    for rule in rules():
        assert f"| `{rule.code}` | {rule.what.replace('|', '/')} |" in page


def test_a_page_that_is_not_current_is_refused_and_drawn_anew(tmp_path, monkeypatch):
    stale = tmp_path / "names.md"
    stale.write_text("old")
    monkeypatch.setattr(draw_names, "PAGE", stale)
    monkeypatch.setattr(sys, "argv", ["draw_names", "--check"])
    with pytest.raises(SystemExit, match="not current"):
        draw_names.main()
    assert stale.read_text() == "old"

    monkeypatch.setattr(sys, "argv", ["draw_names"])
    draw_names.main()
    assert stale.read_text("utf-8") == draw_names.page()
