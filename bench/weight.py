"""How much somebody with a bad connection waits for: the first page of the site, with its styles and its scripts.

    python -m bench.weight

Counted is what a browser must have before the page stands as it should: the HTML, every style sheet and every script it
names, each compressed as a web server would (ours sends its own files so, and the HTML as it is: what stands before it
compresses that). Fonts are not counted: the page can be read before they arrive. Two pages are
weighed, because both are the first of somebody: the sign-in page, which everybody meets, and the home page behind it. The
baseline is the goal of 60 KB.
"""

from __future__ import annotations

import argparse
import gzip
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from bench import world

GOAL = 60_000
NAMED = re.compile(r"""<(?:link[^>]+rel="stylesheet"[^>]+href|script[^>]+src)="([^"]+)\"""")


@dataclass(frozen=True)
class Weight:
    """One page: its title and the compressed bytes of its HTML, of its style sheets, of its scripts."""

    title: str
    html: int
    styles: int
    scripts: int

    @property
    def whole(self) -> int:
        """All of it."""
        return self.html + self.styles + self.scripts


def measure() -> list[Weight]:
    """Both first pages, in a process of their own."""
    database = world.ensure(1_000)
    done = subprocess.run(
        [sys.executable, "-m", "bench.weight", "--run"], cwd=world.ROOT, env=world.environment(database),
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found = []
    for line in done.stdout.splitlines():
        title, html, styles, scripts = line.split("\t")
        found.append(Weight(title, int(html), int(styles), int(scripts)))
    return found


def table(found: Sequence[Weight]) -> list[str]:
    """The same as lines of a table in Markdown."""
    lines = [
        "| page | HTML KB | CSS KB | JavaScript KB | together KB | × 60 KB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        ratio = f"{one.whole / GOAL:.2f}"
        ratio = ratio if one.whole <= GOAL else f"**{ratio}**"
        kilobytes = " | ".join(
            f"{part / 1000:.1f}" for part in (one.html, one.styles, one.scripts, one.whole)
        )
        lines.append(f"| {one.title} | {kilobytes} | {ratio} |")
    return lines


def run() -> None:
    """Weighs the pages of this process's database."""
    import django

    django.setup()
    from django.test import Client

    from bench.browser import Browser

    visitor = Client()
    for title, body in (
        ("Sign-in", visitor.get("/", follow=True, HTTP_HOST="localhost").content),
        ("Home page, of an institution that sees all", Browser(world.SEES_ALL).get("/").body),
        ("Home page, of one that sees few", Browser(world.SEES_FEW).get("/").body),
    ):
        files = {address: _compressed(_file(address)) for address in NAMED.findall(body.decode())}
        styles = sum(size for address, size in files.items() if address.endswith(".css"))
        print(f"{title}\t{_compressed(body)}\t{styles}\t{sum(files.values()) - styles}")


def _file(address: str) -> bytes:
    from django.conf import settings

    name = address.removeprefix(settings.STATIC_URL)
    with open(os.path.join(settings.STATIC_ROOT, name), "rb") as file:
        return file.read()


def _compressed(body: bytes) -> int:
    return len(gzip.compress(body, compresslevel=6))


def main(arguments: Sequence[str]) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="bench.weight")
    parser.add_argument("--run", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args(arguments).run:
        run()
    else:
        print("\n".join(table(measure())))


if __name__ == "__main__":
    main(sys.argv[1:])
