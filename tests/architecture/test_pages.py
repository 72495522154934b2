"""Every template can be read, keeps to the content security policy, and every address leads to a page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.house import HOUSE, ROOT, modules, none

TEMPLATES = sorted(path for path in HOUSE.glob("**/templates/**/*") if path.is_file())
ADDRESS = re.compile(r"""\{%\s*url\s+["']([^"']+)["'](?!\|)""")


def name_of(path: Path) -> str:
    return str(path).split("/templates/", 1)[1]


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_can_be_read(path: Path) -> None:
    template = get_template(name_of(path))
    assert Path(template.origin.name) == path, "another template of the same name hides this one"


@pytest.mark.parametrize("path", [path for path in TEMPLATES if path.suffix == ".html"], ids=name_of)
def test_a_template_keeps_to_the_policy(path: Path) -> None:
    """No script and no style inside a page: the browser refuses them, and nobody would notice."""
    text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    refused = {
        "a script inside the page": r"<script(?![^>]*\bsrc=)[^>]*>",
        "a style inside the page": r"<style\b|\sstyle=",
        "a handler inside the page": r"<[^>]*\son[a-z]+=",
        "an address that is a script": r"javascript:",
        "a text that is not escaped": r"\|\s*safe\b|\{%\s*autoescape\s+off",
        "a file from another host": r"(?:src|href)=[\"']?(?:https?:)?//",
    }
    none([what for what, pattern in refused.items() if re.search(pattern, text)])


def routes(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, (*spaces, entry.namespace) if entry.namespace else spaces)
        else:
            yield ":".join([*spaces, entry.name or ""]), entry


def ours() -> dict[str, URLPattern]:
    return {
        name: pattern
        for name, pattern in routes(get_resolver())
        if getattr(pattern.callback, "__module__", type(pattern.callback).__module__).startswith("homeward.")
    }


def test_there_are_pages() -> None:
    assert len(ours()) > 5


def test_every_address_has_a_name_and_a_page() -> None:
    faults = []
    for name, pattern in ours().items():
        if name.endswith(":") or not name:
            faults.append(f"{pattern.pattern}: no name")
        template = getattr(pattern.callback, "template", None)
        if isinstance(template, str):
            get_template(template)
    none(faults)


def test_every_link_leads_somewhere() -> None:
    known = {name for name, _pattern in routes(get_resolver())}
    faults = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in TEMPLATES
        for name in ADDRESS.findall(path.read_text("utf-8"))
        if name not in known
    ]
    faults += [
        f"{module}: {name}"
        for module in modules()
        for name in re.findall(r"\breverse(?:_lazy)?\(\s*[\"']([^\"']+)[\"']", module.path.read_text("utf-8"))
        if name not in known
    ]
    none(faults)
