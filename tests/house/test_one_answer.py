"""“May this person…” is answered in two modules: ``cases.access`` about cases, ``org.rights`` about addresses."""

import ast
from collections.abc import Iterator

from tests.house.tracked import ROOT

HOUSE = ROOT / "jiesu"
ANSWERS = {"cases/access.py", "org/rights.py"}
# who names a role for another reason than to decide what its members may see or do
OTHERS = {
    "org/actions.py": "an account begins without a role; the last administrator of a kind must stay",
    "org/authorising.py": "gives roles",
    "org/sittings.py": "how long somebody of a role may be idle",
    "org/account_rules.py": "the same, for sessions that are open when it changes",
    "desk/member_forms.py": "offers the roles that may be given",
    "org/factors.py": "which roles must have a second step",
    "org/passwords.py": "an administrator's password is longer",
    "duty/roster.py": "who may stand a turn to come, when their contract runs though it does not now",
    "command/preparing.py": "makes the first three accounts",
    "desk/accounts.py": "the page of an account that has no role yet",
    "desk/authorise.py": "counts the accounts that have none",
    "desk/views.py": "which page a role's work begins on",
    "supervision/recipients.py": "whom a reminder looks for: the rungs of the ladder are roles",
    "supervision/daily.py": "whom the daily list is for",
    "desk/live/door.py": "hands the role on to access.reaches",
    "desk/live/audience.py": "hands the role on to access.reaches",
    "service/parts.py": "shows as what somebody acted",
    "service/trail_file.py": "shows as what somebody acted",
    "service/trail_queries.py": "finds what was done in a role",
    "trail/chain.py": "the database's roles are meant",
    "trail/actions.py": "writes down as what somebody acted",
}
TABLES = {"SEES_ALL", "SEES_OWN_UNIT", "GRANTED", "ADMINISTRATORS"}


def decides(node: ast.AST) -> bool:
    """True for a look at a member's role, a role by name, or the tables behind the answers."""
    if isinstance(node, ast.Attribute):
        named = isinstance(node.value, ast.Name) and node.value.id == "Role" and node.attr.isupper()
        return named or (node.attr == "role" and isinstance(node.ctx, ast.Load))
    if isinstance(node, ast.keyword):
        return node.arg in {"role", "role__in"} and isinstance(
            node.value, ast.Attribute | ast.Set | ast.Constant
        )
    return isinstance(node, ast.alias) and node.name in TABLES


def culprits() -> Iterator[str]:
    for path in sorted(HOUSE.rglob("*.py")):
        name = path.relative_to(HOUSE).as_posix()
        if name.startswith(("command/simulation/", "desk/demo/")) or "/migrations/" in name:
            continue  # people made up for a demonstration
        if any(map(decides, ast.walk(ast.parse(path.read_text("utf-8"))))):
            yield name


def test_nobody_else_decides_by_role():
    others = set(culprits()) - ANSWERS

    assert others - OTHERS.keys() == set(), "ask cases.access or org.rights.may instead"
    assert OTHERS.keys() - others == set(), "no exception any more: take it off the list"
