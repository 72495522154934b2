"""Why a page is slow: every statement it asks, how long it took, and the database's plan for the slow ones.

    python -m bench.explain 1000000 dprrp-coordinator /cases/ [--slow 20] [--post text=Arben]

The plans are those of the application's own role under the member's signed context, row-level security included.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections import Counter
from typing import Any

from bench import world


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.explain")
    parser.add_argument("size", type=int)
    parser.add_argument("member")
    parser.add_argument("address")
    parser.add_argument(
        "--slow", type=float, default=20.0, help="show the plan of what takes longer, in milliseconds"
    )
    parser.add_argument("--post", action="append", default=[], metavar="FIELD=TEXT")
    given = parser.parse_args()
    os.environ.update(world.environment(world.database_of(given.size)))
    import django

    django.setup()
    from django.db import connections

    from bench.browser import Browser

    browser = Browser(given.member)
    form = dict(field.split("=", 1) for field in given.post)

    def draw() -> Any:
        return browser.post(given.address, **form) if form else browser.get(given.address)

    for _time in range(8):  # a prepared question has its lasting plan from the sixth time on
        draw()
    shapes: Counter[str] = Counter()
    inside = False

    def watch(execute: Any, statement: str, params: Any, many: bool, about: Any) -> Any:
        nonlocal inside
        if inside:
            return execute(statement, params, many, about)
        began = time.perf_counter()
        answer = execute(statement, params, many, about)
        took = (time.perf_counter() - began) * 1000
        shapes[re.sub(r"\s+", " ", statement)] += 1
        print(f"{took:8.1f} ms  {_short(statement)}")
        if took > given.slow and statement.lstrip().lower().startswith(("select", "with")):
            inside = True
            try:
                with connections["default"].cursor() as cursor:
                    cursor.execute(f"explain (analyze, buffers) {statement}", params)
                    print(statement % tuple(map(repr, params or ())) if params else statement)
                    print("\n".join(f"             {row[0]}" for row in cursor.fetchall()))
            finally:
                inside = False
        return answer

    with connections["default"].execute_wrapper(watch):
        answer = draw()
    print(f"{answer.queries} statements, {len(answer.body):,} bytes, {answer.took:.0f} ms with the plans")
    for statement, often in shapes.most_common():
        if often > 1:
            print(f"{often} times  {_short(statement)}")


def _short(statement: str) -> str:
    plain = re.sub(r'"[a-z_]+"\."[a-z_]+"(, )?', "·", statement)
    plain = re.sub(r"·+", "…", re.sub(r"\s+", " ", plain))
    return plain if len(plain) < 230 else f"{plain[:140]} ⋯ {plain[-80:]}"


if __name__ == "__main__":
    main()
