"""The page of the protocols says what the protocols say, read here without the program's own reader."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from tools import draw_protocols

ROOT = Path(__file__).resolve().parents[2]
DEEP = {"": -1, "own": 0, "exists": 1, "summary": 2, "full": 3}
DEPTH = {"none": 0, "existence": 1, "summary": 2, "full": 3}


def raw(name: str):
    return yaml.safe_load((ROOT / "packs" / "kosovo" / f"{name}.yaml").read_text("utf-8"))


def tables(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    part = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith("|--")
    ]


def test_the_page_is_current(kosovo):
    assert draw_protocols.PAGE.read_text("utf-8") == draw_protocols.page(kosovo)


@pytest.mark.parametrize(
    ("heading", "leading"),
    [("In a case that another institution leads", False), ("In a case it leads itself", True)],
)
def test_the_matrix_is_the_protocols_cell_by_cell(heading, leading):
    kinds = {one["name"]["en"]: one["code"] for one in raw("institution-kinds")}
    kind_of = {one["code"]: one["kind"] for one in raw("institutions")}
    labels = {f"**{one['label']['en']}**": one["name"] for one in raw("categories")}
    wanted: dict[tuple[str, str], tuple[int, bool]] = {}
    for protocol in raw("protocols"):
        if (protocol["provider"] == protocol["receiver"]) is leading:
            receiver = kind_of.get(protocol["receiver"], protocol["receiver"])
            for clause in protocol["clauses"]:
                place = (receiver, clause["category"])
                depth, writes = wanted.get(place, (-1, False))
                wanted[place] = (max(depth, DEPTH[clause["depth"]]), writes or clause.get("writes", False))

    head, *rows = tables(draw_protocols.PAGE.read_text("utf-8"), heading)
    shown = {
        (kinds[column], labels[row[0]]): (
            DEEP[cell.removesuffix(" + w")],
            cell == "own" or cell.endswith("+ w"),
        )
        for row in rows
        for column, cell in zip(head[1:], row[1:], strict=True)
        if cell
    }
    assert len(rows) == 20
    assert shown == wanted


def test_a_changed_protocol_changes_the_page(kosovo):
    first, *others = kosovo.protocols
    clauses = (replace(first.clauses[0], depth="existence"), *first.clauses[1:])
    changed = replace(kosovo, protocols=(replace(first, clauses=clauses), *others))
    assert draw_protocols.page(changed) != draw_protocols.page(kosovo)


def test_every_protocol_is_on_the_page_with_its_basis(kosovo):
    page = draw_protocols.PAGE.read_text("utf-8")
    for one in kosovo.protocols:
        assert f"`{one.code}`" in page
        assert one.legal_basis["en"] in page
        assert one.purpose["sr" if "sr" not in one.purpose else "en"] in page


def test_checking_fails_on_a_stale_page_and_writes_nothing(tmp_path, monkeypatch):
    stale = tmp_path / "protocols.md"
    stale.write_text("# What somebody remembered\n", "utf-8")
    monkeypatch.setattr(draw_protocols, "PAGE", stale)
    monkeypatch.setattr(sys, "argv", ["draw_protocols", "--check"])
    with pytest.raises(SystemExit, match="not current"):
        draw_protocols.main()
    assert stale.read_text("utf-8") == "# What somebody remembered\n"


def test_drawing_writes_the_page_once(tmp_path, monkeypatch, capsys):
    page = tmp_path / "domain" / "protocols.md"
    monkeypatch.setattr(draw_protocols, "PAGE", page)
    monkeypatch.setattr(sys, "argv", ["draw_protocols"])
    draw_protocols.main()
    draw_protocols.main()
    assert capsys.readouterr().out.splitlines() == ["protocols.md drawn", "protocols.md is current"]


def test_the_other_pack_can_be_drawn_too(example):
    page = draw_protocols.page(example)
    assert "| **Schooling** |" in page
    assert "any village school" in page
