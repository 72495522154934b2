"""What is published says nothing about the machine, the workplace or the person it was made on."""

import re

from tests.architecture.house import ROOT, none, text_of, tracked_files

HOMES = re.compile(r"(?<![\w.~-])/(?:work|root|home/\w|Users/\w)[\w-]*/")
HOSTS = re.compile(r"\b[\w-]+\.(?:internal|corp|lan|intranet)\b")
ADDRESSES = re.compile(r"[\w.+-]+@((?:[\w-]+\.)+[a-z]{2,})", re.IGNORECASE)
RESERVED = re.compile(r"(?:^|\.)(?:example|invalid|test|localhost)(?:\.(?:com|org|net))?$", re.IGNORECASE)
NOT_OURS = (
    "static/vendor/",
    "static/web/vendor/",
    "LICENCE",
    "uv.lock",
    "licences/",
    "tests/browser/vendor/",
)


def ours() -> list[tuple[str, str]]:
    files = [(str(path.relative_to(ROOT)), text_of(path)) for path in tracked_files()]
    return [
        (name, text)
        for name, text in files
        if text is not None and not any(part in name for part in NOT_OURS)
    ]


def found(pattern: re.Pattern[str]) -> list[str]:
    return [f"{name}: {match[0]}" for name, text in ours() for match in pattern.finditer(text)]


def test_no_path_of_a_machine() -> None:
    none(found(HOMES))


def test_no_name_of_a_host_inside_a_network() -> None:
    # A library's own module may be called internal; an import names a module, not a host.
    imports = re.compile(r"^from [\w.]+ import", re.MULTILINE)
    none([f"{name}: {m[0]}" for name, text in ours() for m in HOSTS.finditer(imports.sub("", text))])


def test_no_address_of_a_real_person() -> None:
    faults = [
        f"{name}: {match[0]}"
        for name, text in ours()
        for match in ADDRESSES.finditer(text)
        if not RESERVED.search(match[1])
    ]
    none(faults)


def test_no_secret_and_no_state() -> None:
    """Keys and databases live in the state folder; a file of that name in the tree is a leak."""
    names = re.compile(
        r"(^|/)(\.env|id_[rd]sa|.*\.(pem|key|p12|sqlite3|dump)|role-secret|superuser-password)$"
    )
    none([str(path) for path in tracked_files() if names.search(str(path.relative_to(ROOT)))])
