"""Every text column is declared: masked, sealed, or nobody's; and the case's own are written in one place."""

import ast
from pathlib import Path

from django.apps import apps
from django.db import models

from jiesu.cases.models import Case
from jiesu.cases.sealing import COLUMNS
from jiesu.core.personal import ShortWordsField, WordsField

HOUSE = Path(__file__).parents[2] / "jiesu"
WRITERS = {"cases/sealing.py", "intake/arriving.py", "desk/demo/loader.py", "service/erasing.py"}
# text columns that hold nothing of a citizen: codes, names of units and rules, our own words, staff, digests.
# A new column joins this table only after somebody has asked whose words it will hold.
NOBODYS = {
    "assessment.ResultFile": "sha256 cycle",
    "assessment.ResultUpload": "cycle stored sha256 state",
    "assessment.Result": "cycle number unit_text person contacted solved satisfied outcome",  # person: of our staff
    "assessment.StandingFact": "cycle number standing reference",
    "assessment.Frozen": "cycle rules digest",
    "assessment.LossNote": "cycle number question cause",
    "cases.Case": "number stage case_no order_type path category district street community_text company unit_text due_source alarm next_clock tokens",
    "cases.Event": "action before after note",  # masked by cases.transitions, the original in EventSeal
    "cases.Clock": "kind source count hours rule_set stopped_by",
    "cases.ClockPause": "cause",
    "cases.Assignment": "part ended_by",
    "cases.SavedFilter": "key name query",
    "desk.Draft": "address case_number title",
    "desk.Presence": "tab",
    "evidence.Evidence": "stored kind sha256",
    "followup.CallBack": "basis result contacted solved satisfied attitude verdict",
    "followup.Matter": "number",
    "followup.Recording": "stored plain kind sha256 match state trouble engine",
    "followup.Suggestion": "statement value",
    "followup.FolderFile": "mark",
    "intake.Batch": "stored sha256 state",
    "intake.Sheet": "name",
    "intake.Arrival": "where number verdict",
    "ledger.Export": "kind query words state stored failure",
    "triage.CaseMark": "code kind label reason state",  # words of the rules
    "triage.Suggested": "target label doubt version",  # classes and units
    "triage.Lesson": "kind target said was",  # classes and units
    "triage.Version": "target digest state against",
    "triage.Switch": "kind",
    "triage.FixedSet": "target digest",
    "triage.Training": "target state told",  # our own words
    "triage.Seen": "target mark",
    "triage.ModelFault": "target kind mark said",  # our own words
    "dispatch.AutoDispatch": "model",
    "catalogue.UnitDuty": "category words source",  # the office's own list
    "triage.Opinion": "target model label silence outcome",  # classes and units
    "coordination.Coordination": "outcome",
    "coordination.Statement": "stance",
    "groups.Group": "kind state",
    "groups.Belonging": "why",
    "service.Hold": "reason",  # masked where it is written
    "service.Erasure": "rule state digest",
    "service.Verification": "state",
    "service.Copy": "number state stored sha256 failure",
    "service.Approval": "kind query words state stored",
}
OWN = {
    "followup",
    "assessment",
    "cases",
    "coordination",
    "desk",
    "evidence",
    "groups",
    "intake",
    "ledger",
    "service",
    "triage",
}


def test_every_text_column_is_declared():
    open_columns = {}
    for model in apps.get_models():
        if model._meta.app_label not in OWN:
            continue
        label = f"{model._meta.app_label}.{model.__name__}"
        known = set(NOBODYS.get(label, "").split())
        if model is Case:
            known |= set(COLUMNS)
        undeclared = {
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and not isinstance(field, WordsField | ShortWordsField)
            and field.name not in known
        }
        if undeclared:
            open_columns[label] = undeclared
    assert open_columns == {}


def writes_personal(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        named = isinstance(node.value, ast.Name) and node.value.id == "case"
        return named and node.attr in COLUMNS
    called = getattr(node.func, "attr", "") if isinstance(node, ast.Call) else ""
    return called in {"create", "update"} and any(
        word.arg in {"requester_name", "requester_phone", "requester_address", "sealed"}
        for word in getattr(node, "keywords", ())
    )


def test_only_sealing_writes_the_personal_columns_of_a_case():
    culprits = [
        str(path.relative_to(HOUSE))
        for path in HOUSE.rglob("*.py")
        if str(path.relative_to(HOUSE)) not in WRITERS
        and "migrations" not in path.parts
        and any(map(writes_personal, ast.walk(ast.parse(path.read_text()))))
    ]
    assert [c for c in culprits if c != "cases/transitions.py"] == []
