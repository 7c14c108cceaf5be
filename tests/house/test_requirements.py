"""What is installed is locked by hash, names no address, and has its reason written down."""

import re
import tomllib

import pytest

from tests.house.tracked import ROOT

FOLDER = ROOT / "requirements"
LOCKED = sorted(FOLDER.glob("*.txt"))
NAME = re.compile(r"^[A-Za-z0-9][\w.-]*")
PINNED = re.compile(
    r"^[\w.-]+(?:\[[\w,-]+\])?==\S+(?: ; .+?)?(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})*)$"
)


def requirements(text: str) -> list[str]:
    """Return the logical lines: comments gone, continued lines joined."""
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    lines = (line.split(" #")[0].rstrip() for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def named(file: str) -> list[str]:
    """Return the package names of a list written by hand, without extras and versions."""
    lines = requirements((FOLDER / file).read_text())
    return [NAME.match(line)[0].lower() for line in lines if not line.startswith("-")]


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.name)
def test_every_package_is_pinned_and_hashed(path):
    lines = requirements(path.read_text())

    assert lines
    assert [line for line in lines if not (m := PINNED.match(line)) or not m["hashes"]] == []


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_list_says_where_packages_come_from(path):
    addressed = re.compile(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|^-[if]\b| @ ")

    assert [line for line in path.read_text().splitlines() if addressed.search(line)] == []


def test_what_the_wheel_asks_for_is_what_is_locked():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]

    assert sorted(NAME.match(line)[0] for line in told) == sorted(named("base.in"))


def test_every_library_has_its_reason_written_down():
    reasons = (ROOT / "docs" / "decisions" / "0003-libraries.md").read_text()
    words = set(re.findall(r"[a-z0-9][a-z0-9-]*", reasons.lower()))

    assert [name for name in named("base.in") if name not in words] == []
