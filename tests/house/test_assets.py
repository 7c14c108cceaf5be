"""Pages ask nobody but this product, carry nothing inline, and text becomes markup in few places."""

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tracked import HOUSE, ROOT, lines_with

VENDOR = HOUSE / "core" / "static" / "core" / "vendor"
TEMPLATES = sorted(HOUSE.glob("*/templates/**/*.html"))
STATIC = sorted(
    path
    for path in HOUSE.glob("*/static/**/*")
    if path.suffix in {".js", ".css", ".svg", ".html", ".json"} and VENDOR not in path.parents
)
WORKBOOK = HOUSE / "ledger" / "package.py"  # its markup is a spreadsheet's, for no browser
CODE = sorted(path for path in HOUSE.rglob("*.py") if "migrations" not in path.parts)

ELSEWHERE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[\w-]+\.[\w.-]+|@import\b", re.IGNORECASE)
INLINE = re.compile(
    r"<style\b"
    r"|<script\b(?![^>]*\bsrc=)"
    r"|<[^>]*\s(?:style|on[a-z]+|hx-on[\w:-]*)\s*="
    r"|javascript:"
    r"|hx-(?:vals|headers)\s*=\s*[\"']\s*js:",
    re.IGNORECASE,
)
UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|autoescape\s+off")

# Where a rule of the search below is broken on purpose: (file, what, how often): why.
REVIEWED = {
    (
        "ledger/screen.py",
        "mark_safe",
        1,
    ): "rows of a long table, every cell of which is escaped before",
    (
        "ledger/actions.py",
        ".raw()",
        1,
    ): "a query function of the ledger's own of that name, not SQL",
    ("service/parts.py", ".raw()", 1): "the same function",
    ("service/approving.py", ".raw()", 1): "the same function",
    (
        "desk/queue.py",
        "SafeString",
        1,
    ): "rows of the hottest page, what came from outside is escaped before",
}
RISKY = {"mark_safe", "SafeString", "eval", "exec", "__import__"}
RISKY_MODULES = {"pickle", "marshal", "shelve"}


def risks(tree: ast.AST) -> Iterator[str]:
    """Yield what stands in the code that only a reviewed place may have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.split(".")[0] in RISKY_MODULES)
        elif (
            isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in RISKY_MODULES
        ):
            yield str(node.module)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in RISKY:
                yield node.func.id
            elif isinstance(node.func, ast.Attribute) and node.func.attr in {"mark_safe", "eval"}:
                yield node.func.attr
            elif isinstance(node.func, ast.Attribute) and node.func.attr in {"raw", "extra"}:
                yield f".{node.func.attr}()"
            yield from (
                "shell=True"
                for word in node.keywords
                if word.arg == "shell"
                and not (isinstance(word.value, ast.Constant) and word.value.value is False)
            )


def markup(path: Path) -> Iterator[str]:
    """Yield the pieces of text in a Python file that look like markup."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "<" in node.value:
            yield node.value


def test_pages_ask_nobody_else_for_anything():
    assert TEMPLATES
    assert STATIC
    assert lines_with(ELSEWHERE, [*TEMPLATES, *STATIC]) == []


def test_templates_carry_no_script_or_style_of_their_own():
    inline = [
        f"{path.relative_to(ROOT)}: {found[0][:60]}"
        for path in TEMPLATES
        for found in INLINE.finditer(path.read_text())
    ]

    assert inline == []


def test_markup_made_in_code_carries_no_script_or_style_either():
    inline = [
        f"{path.relative_to(ROOT)}: {piece[:60]}"
        for path in CODE
        if path != WORKBOOK
        for piece in markup(path)
        if INLINE.search(piece)
    ]

    assert inline == []


@pytest.mark.parametrize(
    "piece",
    [
        '<p class="a" style="color: red">',
        "<a onclick='x()'>",
        "<script>x()</script>",
        "<style>p {}</style>",
        '<a href="javascript:x()">',
        '<div\n  hx-on:click="x()">',
        """<div hx-vals='js:{a: 1}'>""",
    ],
)
def test_the_search_for_inline_pieces_would_find_one(piece):
    assert INLINE.search(piece)


def test_templates_escape_everything():
    assert lines_with(UNESCAPED, TEMPLATES) == []


def test_risky_calls_stand_only_where_they_were_reviewed():
    found = Counter(
        (str(path.relative_to(HOUSE)), what)
        for path in CODE
        for what in risks(ast.parse(path.read_text()))
    )

    assert {(*place, times) for place, times in found.items()} == set(REVIEWED)


@pytest.mark.parametrize(
    "snippet",
    [
        "mark_safe(x)",
        "safestring.mark_safe(x)",
        "Case.objects.raw(x)",
        "found.extra(where=[x])",
        "eval(x)",
        "import pickle",
        "from pickle import loads",
        "run(x, shell=True)",
    ],
)
def test_the_search_for_risky_calls_would_find_one(snippet):
    assert len(list(risks(ast.parse(snippet)))) == 1


def test_vendored_files_are_the_ones_whose_checksums_are_kept():
    kept = dict(
        reversed(line.split(maxsplit=1))
        for line in (VENDOR / "SHA256SUMS").read_text().splitlines()
    )
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "SHA256SUMS"
    }

    assert there == kept


def test_no_tracked_file_names_a_package_registry():
    names = [
        "py" + "pi.",
        "python" + "hosted",
        "npm" + "js.",
        "jsd" + "elivr",
        "un" + "pkg.",
        "cdn" + "js",
    ]
    hosts = re.compile("|".join(map(re.escape, names)) + r"|\bmirrors?\.[a-z]", re.IGNORECASE)

    assert lines_with(hosts) == []


def test_no_tracked_file_knows_the_machine_it_was_written_on():
    machine = re.compile(r"(?<![\w.\-/~])/" + r"(?:work|root)(?![\w-])")

    assert lines_with(machine) == []
