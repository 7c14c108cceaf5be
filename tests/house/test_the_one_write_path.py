"""Nothing but the write path changes a stage, and the record itself is only added to."""

import ast
import re
from pathlib import Path

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from jiesu.cases.models import Event
from tests.factories.orders import make_case

HOUSE = Path(__file__).resolve().parents[2] / "jiesu"
WRITERS = {
    HOUSE / "cases" / "transitions.py",  # every step
    HOUSE / "intake" / "storing.py",  # the first stage of a case that arrives, by COPY
    HOUSE / "desk" / "demo" / "rows.py",  # the made-up street, likewise in bulk
}


STAGE_IN_SQL = re.compile(
    r"UPDATE\s+cases_case\b[^;]*?\bstage\s*=|(INSERT\s+INTO|COPY)\s+cases_case\b", re.IGNORECASE
)


def writes_stage(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "stage" and isinstance(node.ctx, ast.Store)
    if not isinstance(node, ast.Call):
        return False
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called in {"create", "update", "bulk_create", "bulk_update", "Case", "setattr", "defaults"}:
        named = any(word.arg == "stage" for word in node.keywords)
        quoted = any(isinstance(a, ast.Constant) and a.value == "stage" for a in ast.walk(node))
        return named or (called in {"bulk_update", "setattr"} and quoted)
    return False


def writes_in_sql(path: Path) -> bool:
    return STAGE_IN_SQL.search(path.read_text()) is not None


def test_only_the_write_path_changes_a_stage():
    others = [p for p in HOUSE.rglob("*.py") if p not in WRITERS and "migrations" not in p.parts]

    culprits = [
        p for p in others
        if any(map(writes_stage, ast.walk(ast.parse(p.read_text())))) or writes_in_sql(p)
    ]  # fmt: skip

    assert culprits == []


@pytest.mark.parametrize(
    "snippet",
    [
        "case.stage = x",
        "Case.objects.filter(pk=1).update(stage=x)",
        "Case(stage=x)",
        "setattr(c, 'stage', x)",
    ],
)
def test_the_search_for_culprits_would_find_one(snippet):
    assert any(map(writes_stage, ast.walk(ast.parse(snippet))))


@pytest.mark.parametrize("sql", ["UPDATE cases_event SET note = 'x'", "DELETE FROM cases_event"])
def test_the_record_refuses_to_be_changed(office, sql):
    make_case(office)

    with (
        pytest.raises((InternalError, IntegrityError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert Event.objects.count() == 1
