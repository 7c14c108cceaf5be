"""Rules of safety that can be read off the code: SQL, templates, scripts, exceptions from the linter, the log."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tracked import HOUSE, ROOT

CODE = sorted(path for path in HOUSE.rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted(HOUSE.glob("*/templates/**/*.html"))
SCRIPTS = sorted(p for p in HOUSE.glob("*/static/**/*.js") if "vendor" not in p.parts)

# Text made into SQL, beside constants: (file, how often): why it can hold nothing from outside.
SQL_REVIEWED: dict[tuple[str, int], str] = {
    (
        "cases/clocks.py",
        2,
    ): "which clocks: one of the conditions written beside it; the values are parameters",
    ("command/simulation/witness.py", 1): "which rows: one of the conditions of the same class",
    (
        "desk/navigation.py",
        1,
    ): "the cases a member may see, as Django itself has made it SQL; its values are parameters",
    ("intake/judging.py", 1): "names of columns of our own, listed in that file",
    ("ledger/queries.py", 1): "a query function of the ledger's own of that name, not SQL",
    ("ledger/actions.py", 1): "a query function of the ledger's own of that name, not SQL",
    ("service/parts.py", 1): "a query function of the ledger's own of that name, not SQL",
    ("service/approving.py", 1): "a query function of the ledger's own of that name, not SQL",
    (
        "supervision/board.py",
        1,
    ): "the cases a member may see, as Django itself has made it SQL; its values are parameters",
    ("supervision/sweeping.py", 1): "with or without one condition, written beside it",
    (
        "trail/chain.py",
        3,
    ): "composed by psycopg from constants and identifiers (LiteralString, checked by mypy)",
}

# Names that carry somebody's words or data: a line of the log may not mention them.
PERSONAL = {
    "name", "username", "title", "content", "phone", "email", "address", "location", "note", "text", "words",
    "requester_name", "requester_phone", "cleaned_data", "POST", "GET", "COOKIES", "META", "body", "path",
    "get_full_path", "reason", "password", "q", "query",
}  # fmt: skip


def dynamic_sql(tree: ast.AST) -> Iterator[str]:
    """Yield where text that is not constant goes to the database as SQL."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if called in {"execute", "executemany", "RawSQL", "RunSQL", "raw"} and not constant(node.args[0]):  # fmt: skip
            yield called


def constant(node: ast.AST) -> bool:
    """True for a literal, a name in capitals (a constant of the module), and what is put together of those."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        return name.isupper()
    if isinstance(node, ast.BinOp):
        return constant(node.left) and constant(node.right)
    if isinstance(node, ast.Call) and isinstance(
        node.func, ast.Attribute
    ):  # psycopg's own, which quotes
        inner = node.func.value
        made = isinstance(inner, ast.Call) and getattr(inner.func, "attr", "") == "SQL"
        return node.func.attr == "format" and made and constant(inner.args[0])
    if isinstance(node, ast.JoinedStr):
        return all(
            not isinstance(part, ast.FormattedValue) or constant(part.value) for part in node.values
        )
    return False


def log_calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr
            in {"debug", "info", "warning", "error", "exception", "critical", "log"}
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"log", "logger", "logging"}
        ):
            yield node


def log_faults(tree: ast.AST) -> Iterator[str]:
    """Yield what stands in a line of the log that may not: a pattern made of values, somebody's data."""
    for call in log_calls(tree):
        args = call.args[1:] if call.func.attr == "log" else call.args
        if not args or not isinstance(args[0], ast.Constant):
            yield f"line {call.lineno}: the pattern is no constant"
        for value in [*args[1:], *(word.value for word in call.keywords if word.arg != "exc_info")]:
            for node in ast.walk(value):
                name = node.attr if isinstance(node, ast.Attribute) else ""
                if name in PERSONAL:
                    yield f"line {call.lineno}: .{name}"


def test_no_text_from_outside_becomes_sql():
    found = Counter(
        str(path.relative_to(HOUSE))
        for path in CODE
        for _ in dynamic_sql(ast.parse(path.read_text()))
    )

    assert {pair for pair in found.items() if pair not in SQL_REVIEWED} == set()
    assert set(SQL_REVIEWED) - set(found.items()) == set()


@pytest.mark.parametrize(
    ("snippet", "found"),
    [
        ('c.execute("SELECT 1")', 0), ("c.execute(SQL, [x])", 0), ('c.execute(f"SELECT {NAME}")', 0),
        ('c.execute(f"SELECT {x}")', 1), ('c.execute("SELECT " + x)', 1), ('c.execute("SELECT %s" % x)', 1),
        ('c.execute("SELECT {}".format(x))', 1), ("c.execute(x)", 1), ("RawSQL(x, [])", 1),
    ],
)  # fmt: skip
def test_the_search_for_made_sql_would_find_it(snippet, found):
    assert len(list(dynamic_sql(ast.parse(snippet)))) == found


def test_the_log_speaks_in_constants_and_numbers():
    faults = [
        f"{path.relative_to(HOUSE)} {fault}"
        for path in CODE for fault in log_faults(ast.parse(path.read_text()))
    ]  # fmt: skip

    assert faults == []


@pytest.mark.parametrize(
    "snippet",
    ['log.info(f"a {x}")', 'log.info("a " + x)', "log.error(str(error))", 'log.info("a %s", case.title)',
     'log.info("a %s", request.POST["x"])', 'log.info("a", extra={"q": request.GET})'],
)  # fmt: skip
def test_the_search_for_what_the_log_may_not_say_would_find_it(snippet):
    assert list(log_faults(ast.parse(snippet))) != []


TAG = re.compile(r"<[a-zA-Z][^<>]*(?:\{[{%].*?[%}]\}[^<>]*)*>", re.DOTALL)
UNQUOTED = re.compile(r"\s[\w:-]+=(?![\"'])\S")
TEMPLATE_RULES = {
    "an attribute without quotes": lambda tag: UNQUOTED.search(_bare(tag)),
    "a new window that can reach back": lambda tag: 'target="_blank"' in tag and "noopener" not in tag,
    "a style or handler of its own": lambda tag: re.search(r"\s(?:style|on[a-z]+|hx-on[:\w-]*)\s*=", _bare(tag)),
    "a script address": lambda tag: re.search(r"(?:href|src|action)\s*=\s*[\"']\s*(?:javascript|data|vbscript):", tag, re.IGNORECASE),
    "an address made of a value alone": lambda tag: re.search(r"(?:href|src|action)=[\"']\{\{ ?(?:request\.GET|\w+\.(?:content|title|note|name))", tag),
}  # fmt: skip


def _bare(tag: str) -> str:
    """The tag without its quoted values; a template tag or variable is one letter."""
    plain = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "X", tag, flags=re.DOTALL)
    return re.sub(r"\"[^\"]*\"|'[^']*'", '""', plain)


def template_faults(text: str) -> list[str]:
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
    return [
        rule for tag in TAG.findall(text) for rule, broken in TEMPLATE_RULES.items() if broken(tag)
    ]


def test_templates_keep_the_rules_of_markup():
    faults = [
        (str(p.relative_to(HOUSE)), fault)
        for p in TEMPLATES
        for fault in template_faults(p.read_text())
    ]

    assert faults == []


@pytest.mark.parametrize(
    "markup",
    ["<a href={{ url }}>", '<a target="_blank" href="/">', '<p class="a" style="x">', '<a href="javascript:x">',
     "<input value={{ x }} name='a'>", '<div onclick="x">', '<a href="{{ case.title }}">'],
)  # fmt: skip
def test_the_search_of_templates_would_find_one(markup):
    assert template_faults(markup) != []


# How text could become markup or code in a script, and where it stands and why it may: (file, what): why.
SCRIPT_REVIEWED = {
    (
        "passkeys.js",
        "DOMParser",
    ): "our own server's answer to this page, made by a template that escapes; "
    "what is parsed so runs no script",
}
SCRIPT_RULES = re.compile(
    r"\.innerHTML\s*\+?=|\.outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function|"
    r"DOMParser|createContextualFragment|setAttribute\(\s*[\"']on|\.srcdoc|setTimeout\(\s*[\"']|javascript:"
)


def test_no_script_of_ours_makes_markup_or_code_of_text():
    found = [
        (path.name, hit[0]) for path in SCRIPTS for hit in SCRIPT_RULES.finditer(path.read_text())
    ]

    assert len(SCRIPTS) > 8
    assert found == list(SCRIPT_REVIEWED)


@pytest.mark.parametrize(
    "snippet", ["a.innerHTML = b", "a.insertAdjacentHTML('x', b)", "eval(b)", "document.write(b)", "a.outerHTML = b"]
)  # fmt: skip
def test_the_search_of_scripts_would_find_one(snippet):
    assert SCRIPT_RULES.search(snippet)


def test_every_exception_from_the_security_rules_has_its_reason():
    """``# noqa: S…`` says why behind it; whole files are let off in tests and benches alone."""
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in CODE
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"noqa:.*\bS\d{3}", line) and not re.search(r"noqa: [A-Z0-9, ]*S\d{3}[A-Z0-9, ]*\s*(?:-|\()?\s*\w+.*\w+", line)
    ]  # fmt: skip
    let_off = re.findall(r'"([^"]+)" = \[[^\]]*"S"', (ROOT / "pyproject.toml").read_text())

    assert bare == []
    assert set(let_off) == {"tests/**", "bench/**"}
    assert re.search(r'select = \[[^\]]*"S"', (ROOT / "pyproject.toml").read_text())


def test_no_comment_turns_the_linter_off_for_a_file_or_for_all_rules():
    blanket = re.compile(r"#\s*(?:ruff|flake8):\s*noqa|#\s*noqa(?!:)")
    found = [str(path.relative_to(HOUSE)) for path in CODE if blanket.search(path.read_text())]

    assert found == []


def files_of(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in HOUSE.glob(pattern))


def test_pages_never_skip_the_check_of_the_form():
    found = [
        str(path.relative_to(HOUSE))
        for path in files_of("**/*.py")
        if "csrf_exempt" in path.read_text()
    ]

    assert found == []
