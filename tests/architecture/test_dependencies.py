"""What Homeward is built on: everything has a reason, and everything comes from where it says."""

import re
import tomllib

from tests.architecture.house import ROOT, none

PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def dependencies() -> list[str]:
    settings = tomllib.loads(PROJECT)
    groups = [settings["project"]["dependencies"]]
    groups += settings["project"].get("optional-dependencies", {}).values()
    groups += settings["dependency-groups"].values()
    return [requirement for group in groups for requirement in group]


def test_every_dependency_says_why_it_is_there() -> None:
    lines = PROJECT.splitlines()
    faults = []
    for requirement in dependencies():
        [line] = [line for line in lines if f'"{requirement}"' in line]
        if not re.search(r"#\s*\S.{8,}", line.split(f'"{requirement}"')[1]):
            faults.append(requirement)
    none(faults)


def test_the_lock_file_names_no_host_but_the_public_index() -> None:
    hosts = set(re.findall(r"\w+://([^/\"\s]+)", (ROOT / "uv.lock").read_text("utf-8")))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_everything_locked_is_a_wheel_held_by_a_hash() -> None:
    packages = [
        package
        for package in tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
        if "registry" in package["source"]
    ]
    loose = [
        f"{package['name']}: {file['url']}"
        for package in packages
        for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        if not re.fullmatch(r"sha256:[0-9a-f]{64}", file.get("hash", ""))
    ]
    none(loose)
    none([package["name"] for package in packages if not package.get("wheels")])


def test_the_installer_itself_is_held_by_hashes() -> None:
    pins = (ROOT / "tools" / "bootstrap.txt").read_text("utf-8")
    names = re.findall(r"^([a-z0-9-]+)==\S+ \\$", pins, re.MULTILINE)
    assert names == ["uv"]
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", pins)) > 10
    assert "://" not in pins
