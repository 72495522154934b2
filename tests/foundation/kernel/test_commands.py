"""The kernel's commands: drawing the state tables, and checking a country pack."""

from __future__ import annotations

import sys
from io import StringIO
from types import ModuleType

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from homeward.foundation.kernel.management.commands import draw_states
from homeward.foundation.kernel.states import Move, StateTable

DOOR = StateTable(
    "door", initial="open", states={"open": "Open", "shut": "Shut"}, moves=[Move("shut", {"open"}, "shut")]
)
LAMP = StateTable("lamp", initial="off", states={"off": "Off"}, moves=[])


@pytest.fixture
def found(monkeypatch):
    """Puts state tables where the rules of an app would be."""

    def put(*tables):
        monkeypatch.setattr(draw_states, "tables", lambda: list(tables))

    return put


def draw(folder, **options):
    out = StringIO()
    call_command("draw_states", folder=folder, stdout=out, **options)
    return out.getvalue()


def test_every_table_gets_its_page(found, tmp_path):
    found(DOOR, LAMP)

    assert draw(tmp_path / "domain") == "2 diagrams, 2 written, 0 removed\n"
    assert (tmp_path / "domain" / "states-door.md").read_text("utf-8") == (
        "# States: door\n"
        "\n"
        "Drawn by `manage.py draw_states` from the table in the program. Change the table, not this page.\n"
        "\n"
        "```mermaid\n"
        "stateDiagram-v2\n"
        "    [*] --> open\n"
        "    open : Open\n"
        "    shut : Shut\n"
        "    open --> shut : Shut\n"
        "    shut --> [*]\n"
        "```\n"
        "\n"
        "| move | from | to |\n"
        "|---|---|---|\n"
        "| shut | open | shut |\n"
    )


def test_drawing_again_changes_nothing(found, tmp_path):
    found(DOOR)
    draw(tmp_path)

    assert draw(tmp_path) == "1 diagrams, 0 written, 0 removed\n"
    draw(tmp_path, check=True)


def test_a_table_that_is_gone_takes_its_page_along(found, tmp_path):
    found(DOOR, LAMP)
    draw(tmp_path)
    (tmp_path / "glossary.md").write_text("stays", "utf-8")
    found(DOOR)

    with pytest.raises(CommandError, match=r"Not current: states-lamp\.md"):
        draw(tmp_path, check=True)
    assert draw(tmp_path) == "1 diagrams, 0 written, 1 removed\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["glossary.md", "states-door.md"]


def test_the_check_writes_nothing_and_names_what_is_not_current(found, tmp_path):
    found(DOOR, LAMP)

    with pytest.raises(CommandError, match=r"states-door\.md, states-lamp\.md\. Run draw_states"):
        draw(tmp_path, check=True)
    assert not list(tmp_path.iterdir())

    draw(tmp_path)
    (tmp_path / "states-door.md").write_text("by hand", "utf-8")
    with pytest.raises(CommandError, match=r"Not current: states-door\.md\. Run"):
        draw(tmp_path, check=True)


@pytest.fixture
def an_app(monkeypatch, tmp_path):
    """An app `homeward.lodge` with the given rules."""

    def make(**files):
        lodge = tmp_path / "lodge"
        for name, text in files.items():
            path = lodge / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        package = ModuleType("homeward.lodge")
        package.__path__ = [str(lodge)]
        monkeypatch.setitem(sys.modules, "homeward.lodge", package)
        for name in [name for name in sys.modules if name.startswith("homeward.lodge.")]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(apps, "get_app_configs", lambda: [App("homeward.lodge"), App("django.x")])

    class App:
        def __init__(self, name):
            self.name = name

    yield make
    for name in [name for name in sys.modules if name.startswith("homeward.lodge")]:
        del sys.modules[name]


TABLE = """
from homeward.foundation.kernel.states import StateTable
{name} = StateTable("{name}", initial="a", states={{"a": "A"}}, moves=[])
"""


def test_tables_are_found_in_the_rules_of_an_app(an_app):
    an_app(rules=TABLE.format(name="one") + "again = one\n", actions=TABLE.format(name="elsewhere"))

    assert [table.name for table in draw_states.tables()] == ["one"]


def test_tables_are_found_in_rules_that_have_grown_into_a_package(an_app):
    an_app(
        rules____init__="from homeward.lodge.rules.deep import two\n",
        rules__deep=TABLE.format(name="two"),
        rules__wide=TABLE.format(name="one"),
    )

    assert [table.name for table in draw_states.tables()] == ["one", "two"]


def test_an_app_without_rules_has_no_tables(an_app):
    an_app(__init__="")

    assert draw_states.tables() == []


def test_two_tables_of_one_name_are_refused(an_app):
    an_app(rules=TABLE.format(name="one") + TABLE.format(name="one").replace("one =", "other ="))

    with pytest.raises(CommandError, match="Two state tables are called “one”"):
        draw_states.tables()


def test_the_diagrams_in_the_documents_are_current():
    call_command("draw_states", check=True)


def test_a_good_pack_is_described():
    out = StringIO()
    call_command("check_pack", "kosovo", stdout=out)

    assert out.getvalue().startswith("kosovo ")
    assert "38 municipalities" in out.getvalue()


def test_a_refused_pack_is_shown_with_its_faults(tmp_path):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "pack.yaml").write_text("name: even\n", "utf-8")
    errors = StringIO()

    with pytest.raises(CommandError, match="Refused: odd, gone"):
        call_command("check_pack", "odd", "gone", folder=tmp_path, stderr=errors)

    assert "packs/odd/pack.yaml, line 1, the whole file: expected the key “version”" in errors.getvalue()
    assert "packs/gone/pack.yaml" in errors.getvalue()
