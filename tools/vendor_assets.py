"""Fetch the parts of the page design that others made, and keep only what Homeward shows.

Run by hand when a version is raised, never by a build or a test:

    python tools/vendor_assets.py

It asks npm for pinned versions (no install scripts), compiles the chosen components of GOV.UK Frontend and
MoJ Frontend into one small style sheet with our own font, and lays the result beside its licences. What
belongs to the British government alone — its typeface, crown and crest — is never taken along.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "homeward/foundation/web/static/web/vendor"
AXE = ROOT / "tests/browser/vendor"

PACKAGES = {
    "govuk-frontend": "6.6.0",
    "@ministryofjustice/frontend": "11.1.0",
    "@fontsource-variable/source-sans-3": "5.3.0",
    "axe-core": "4.14.1",
    "sass": "1.108.2",  # only compiles; nothing of it is kept
}

# A component that no page shows costs every reader its bytes: add it here on the day a template uses it.
GOVUK = [
    "back-link",
    "breadcrumbs",
    "button",
    "checkboxes",
    "date-input",
    "details",
    "error-message",
    "error-summary",
    "fieldset",
    "file-upload",
    "hint",
    "input",
    "inset-text",
    "label",
    "notification-banner",
    "pagination",
    "panel",
    "radios",
    "select",
    "service-navigation",
    "skip-link",
    "summary-list",
    "table",
    "tag",
    "task-list",
    "textarea",
    "warning-text",
]
MOJ = ["alert", "sub-navigation", "timeline"]

FONT = (
    '"Source Sans 3 Variable", system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", Arial, sans-serif'
)
SUBSETS = ("latin", "latin-ext", "cyrillic")

# Case files are read all day: one step smaller than a public service for people who come once a year.
SCALE = """(
  80: (null: (font-size: 40px, line-height: 44px), print: (font-size: 32pt, line-height: 1.1)),
  48: (null: (font-size: 28px, line-height: 34px), tablet: (font-size: 36px, line-height: 42px),
       print: (font-size: 26pt, line-height: 1.15)),
  36: (null: (font-size: 26px, line-height: 32px), tablet: (font-size: 30px, line-height: 38px),
       print: (font-size: 20pt, line-height: 1.1)),
  27: (null: (font-size: 20px, line-height: 26px), tablet: (font-size: 22px, line-height: 28px),
       print: (font-size: 15pt, line-height: 1.15)),
  24: (null: (font-size: 20px, line-height: 26px), print: (font-size: 14pt, line-height: 1.15)),
  19: (null: (font-size: 18px, line-height: 26px), print: (font-size: 11pt, line-height: 1.3)),
  16: (null: (font-size: 16px, line-height: 22px), print: (font-size: 10pt, line-height: 1.3))
)"""

MIT = """Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies
of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following
conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions
of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED
TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL
THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
DEALINGS IN THE SOFTWARE.
"""


def main() -> None:
    """Fetch, compile, copy, check, and say what a reader will have to download."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        install(work)
        modules = work / "node_modules"
        VENDOR.mkdir(parents=True, exist_ok=True)
        style(work)
        shutil.copy(modules / "govuk-frontend/dist/govuk/govuk-frontend.min.js", VENDOR / "frontend.js")
        without_source_map(VENDOR / "frontend.js")
        fonts(modules / "@fontsource-variable/source-sans-3")
        licences()
        AXE.mkdir(parents=True, exist_ok=True)
        shutil.copy(modules / "axe-core/axe.min.js", AXE / "axe.min.js")
        shutil.copy(modules / "axe-core/LICENSE", AXE / "axe-LICENCE.txt")
    for file in sorted(VENDOR.iterdir()):
        print(f"{file.name:40} {file.stat().st_size:>8} bytes, {squeezed(file):>7} gzipped")


def install(work: Path) -> None:
    """Bring exactly the named versions; nothing a package wants to run on arrival is run."""
    (work / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}))
    subprocess.run(
        ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=work, check=True
    )


def style(work: Path) -> None:
    """Compile the chosen components with our font and sizes, and refuse anything that is not ours to use."""
    moj = "node_modules/@ministryofjustice/frontend/moj"
    govuk = "node_modules/govuk-frontend/dist/govuk"
    lines = [
        f'@use "{moj}/settings/all" as moj with ($moj-font-family: ({FONT}), $moj-page-width: 1140px);',
        f'@use "{moj}/vendor/govuk-frontend" as govuk with ($govuk-typography-scale: {SCALE});',
        f'@use "{govuk}/core";',
        f'@use "{govuk}/objects";',
        *(f'@use "{govuk}/components/{name}";' for name in GOVUK),
        f'@use "{govuk}/utilities";',
        *(f'@use "{moj}/components/{name}/{name}";' for name in MOJ),
    ]
    (work / "frontend.scss").write_text("\n".join(lines))
    compiled = subprocess.run(
        [
            *("node_modules/.bin/sass", "--load-path=.", "--style=compressed", "--no-source-map"),
            *("--no-charset", "--quiet", "--quiet-deps", "frontend.scss"),
        ],
        cwd=work,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # Pictures of components we do not use; a missing file would stop the collection of static files.
    compiled = re.sub(r"[a-z-]+:url\(/assets/[^)]*\);?", "", compiled)
    for foreign in ("GDS Transport", "crown", "crest", "url(/", "@import", "sourceMappingURL"):
        if foreign in compiled:
            raise SystemExit(f"The style sheet still holds {foreign!r}: not taken over.")
    (VENDOR / "frontend.css").write_text(compiled)


def without_source_map(file: Path) -> None:
    """Static files with hashed names insist on every file that is named: drop the name of the map."""
    text = re.sub(r"\n?//# sourceMappingURL=.*\n?$", "\n", file.read_text())
    file.write_text(text)


def fonts(package: Path) -> None:
    """Copy the three alphabets that Albanian, Serbian and English need."""
    for subset in SUBSETS:
        name = f"source-sans-3-{subset}-wght-normal.woff2"
        shutil.copy(package / "files" / name, VENDOR / name)
    shutil.copy(package / "LICENSE", VENDOR / "source-sans-3-LICENCE.txt")


def licences() -> None:
    """Keep the terms beside what they cover; neither npm package ships the text itself."""
    for file, name, package, holder in (
        (
            "govuk-frontend",
            "GOV.UK Frontend",
            "govuk-frontend",
            "Crown Copyright (Government Digital Service)",
        ),
        (
            "moj-frontend",
            "MoJ Frontend",
            "@ministryofjustice/frontend",
            "Crown Copyright (Ministry of Justice)",
        ),
    ):
        (VENDOR / f"{file}-LICENCE.txt").write_text(
            f"{name} {PACKAGES[package]} (npm package {package}), in parts, compiled with changed settings\n\n"
            f"The MIT License (MIT)\n\nCopyright (C) {holder}\n\n{MIT}"
        )


def squeezed(file: Path) -> int:
    """How many bytes travel."""
    return len(gzip.compress(file.read_bytes(), 9))


if __name__ == "__main__":
    main()
