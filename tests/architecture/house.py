"""What stands in the house, read from its files: the tests beside this one walk through it."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "homeward"
WINGS = ("foundation", "casework", "stewardship", "evidence", "doors")


@dataclass(frozen=True)
class Module:
    """One Python file of an app: `homeward/casework/cases/rules/care.py` is in app `casework.cases`, room `rules`."""

    path: Path

    @property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def app(self) -> str:
        return ".".join(self.name.split(".")[1:3])

    @property
    def room(self) -> str:
        parts = self.name.split(".")
        return parts[3] if len(parts) > 3 else ""

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path)

    def functions(self) -> Iterator[ast.FunctionDef]:
        """The functions somebody else may call: at the top of the file, with a public name, and, where the
        room is a package, among those that its door hands out."""
        offered = self._offered()
        for node in self.tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if offered is None or node.name in offered:
                yield node

    def _offered(self) -> set[str] | None:
        if len(self.name.split(".")) < 5:
            return None
        door = _parsed(HOUSE.joinpath(*self.name.split(".")[1:4]) / "__init__.py")
        return {alias.name for node in door.body if isinstance(node, ast.ImportFrom) for alias in node.names}

    def imports(self) -> Iterator[tuple[str, int]]:
        """Everything imported, also inside functions: `from a.b import c` counts as `a.b` and as `a.b.c`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module, node.lineno
                for alias in node.names:
                    yield f"{node.module}.{alias.name}", node.lineno

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of every app, migrations left out."""
    files = [path for wing in WINGS for path in sorted((HOUSE / wing).glob("*/**/*.py"))]
    return tuple(Module(path) for path in files if "migrations" not in path.parts)


@cache
def tracked_files() -> tuple[Path, ...]:
    """Every file that would be published: what git follows, and what it would follow if it were added now."""
    listing = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True)
    names = sorted(set(done.stdout.decode().split("\0")) - {""})
    return tuple(ROOT / name for name in names if (ROOT / name).is_file())


def none(faults: list[str]) -> None:
    """Fails with one fault per line, so that all can be mended in one round."""
    assert not faults, "\n" + "\n".join(faults)


def text_of(path: Path) -> str | None:
    """What a file says; None if it is not text."""
    content = path.read_bytes()
    if b"\0" in content[:8000]:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
