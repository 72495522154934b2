"""The house is as the README says: who may act, what stands in which room, which names are refused."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.house import HOUSE, Module, modules, none, tracked_files

REFUSED_NAMES = {
    *("helper", "helpers", "util", "utils", "service", "services", "manager", "managers"),
    *("handler", "handlers", "signals", "common", "misc", "shared", "stuff", "tools"),
}

# Functions about acting, which are no acts themselves.
NO_ACTS = {
    "homeward.foundation.audit.actions.action",  # makes an action of a function
    "homeward.foundation.audit.actions.operation",  # the same for commands of an operator
    "homeward.foundation.audit.actions.record_view",  # a look has a reader: `to`
    "homeward.foundation.jobs.actions.work",  # makes background work of a function
    "homeward.foundation.jobs.actions.clockwork",  # makes nightly work of a function
}
NO_READS: set[str] = {
    "homeward.foundation.audit.queries.history",  # `history(subject)` shows what the context in force may see
}
# Rooms in which pages are made; HTTP is known here and nowhere else.
PAGE_ROOMS = {"views", "urls", "apps", "templatetags", "middleware"}


def in_room(*rooms: str) -> Iterator[Module]:
    return (module for module in modules() if module.room in rooms)


def marks(function: ast.FunctionDef) -> set[str]:
    """The decorators of a function: `@action`, `@work("intake.import")` …"""
    return {ast.unparse(mark).split("(")[0] for mark in function.decorator_list}


def spoken(module: Module, function: ast.FunctionDef) -> str:
    """How others name a function, whichever file of the package it stands in."""
    return ".".join([*module.name.split(".")[:4], function.name])


def without_keyword(room: str, keyword: str, exceptions: set[str]) -> list[str]:
    faults = []
    for module in in_room(room):
        for function in module.functions():
            # Background work takes the ticket of whoever asked, and acts as them.
            if spoken(module, function) in exceptions or "work" in marks(function):
                continue
            annotated = {argument.arg: argument.annotation for argument in function.args.kwonlyargs}
            if annotated.get(keyword) is None:
                faults.append(
                    f"{module}:{function.lineno} {function.name} lacks keyword-only `{keyword}: Member`"
                )
    return faults


def test_every_write_says_by_whom() -> None:
    none(without_keyword("actions", "by", NO_ACTS))


def test_every_write_is_recorded() -> None:
    """`@action` refuses a write that leaves no trace; a public function without it could leave none."""
    none(
        [
            f"{module}:{function.lineno} {function.name} is neither @action nor @operation nor @clockwork"
            for module in in_room("actions")
            if module.app != "foundation.audit"  # recording is not itself recorded
            for function in module.functions()
            if spoken(module, function) not in NO_ACTS
            if not marks(function) & {"action", "operation", "work", "clockwork"}
        ]
    )


def test_every_read_says_to_whom() -> None:
    none(without_keyword("queries", "to", NO_READS))


def test_pages_never_reach_past_the_queries() -> None:
    """A view that asks the table itself shows what nobody has allowed."""
    faults = [
        f"{module}:{node.lineno} uses .{node.attr}"
        for module in in_room("views", "urls", "templatetags", "api")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager", "_base_manager")
    ]
    none(faults)


def test_rules_are_pure() -> None:
    """A rule can be read, tested and argued about without a database, a request or a clock."""
    impure = re.compile(
        r"(django\.(db|http|apps|core\.cache|conf)|psycopg|os|subprocess|requests|homeward\..*\.models)(\.|$)"
    )
    # Choices are plain enumerations that happen to live beside the fields.
    allowed = {"django.db.models.TextChoices", "django.db.models.IntegerChoices"}
    faults = []
    for module in in_room("rules"):
        names = [(name, line) for name, line in module.imports() if name not in allowed]
        only_choices = {line for name, line in module.imports() if name in allowed}
        faults += [
            f"{module}:{line} imports {name}"
            for name, line in names
            if impure.match(name) and not (name == "django.db.models" and line in only_choices)
        ]
    none(faults)


def test_only_pages_know_http() -> None:
    web = ("django.http", "django.shortcuts", "django.contrib.messages", "django.views")
    faults = [
        f"{module}:{line} imports {name}"
        for module in modules()
        if module.app != "foundation.web" and module.room not in PAGE_ROOMS
        for name, line in module.imports()
        if name.startswith(web)
    ]
    none(faults)


def test_a_form_belongs_to_the_views_of_its_app() -> None:
    faults = [
        f"{module}:{line} imports {name}"
        for module in modules()
        for name, line in module.imports()
        if ".forms" in name and name.startswith("homeward.")
        if name.split(".")[1:3] != module.name.split(".")[1:3]
        or (module.room not in ("views", "forms") and module.app != "foundation.web")
    ]
    none(faults)


def test_no_room_has_a_name_that_says_nothing() -> None:
    faults = [
        str(path.relative_to(HOUSE))
        for path in tracked_files()
        if HOUSE in path.parents and path.suffix == ".py"
        if {path.stem, *path.relative_to(HOUSE).parent.parts} & REFUSED_NAMES
    ]
    none(faults)


def test_every_app_says_what_it_is_for() -> None:
    """The first sentence of an app's `apps.py` or `__init__` is where a newcomer begins."""
    packages = {
        module.app: module for module in modules() if module.path.name == "__init__.py" and not module.room
    }
    faults = [
        app
        for app, module in packages.items()
        if not ast.get_docstring(module.tree)
        and not any(ast.get_docstring(m.tree) for m in modules() if m.app == app and m.room == "apps")
    ]
    none(faults)
