"""The files of the repository, as git knows them."""

import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "jiesu"


@cache
def tracked() -> tuple[Path, ...]:
    """Return every tracked file that is still there; the test is skipped outside a checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("不是 git 工作区，没有受管文件的清单")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return tuple(path for path in paths if path.is_file())


def lines_with(pattern: object, paths: object = None) -> list[str]:
    """Return ``path:line`` of every line of the tracked (or given) text files that has the pattern."""
    found = []
    for path in paths if paths is not None else tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:  # a picture
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    return found
