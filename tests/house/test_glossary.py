"""Every word people meet stands in the glossary, under its code and its label."""

from pathlib import Path

import pytest

from jiesu.cases.models import Part
from jiesu.handling.actions import Channel, Outcome
from jiesu.intake.models import BatchState, Verdict
from jiesu.ledger.models import ExportState
from jiesu.org.models import UnitKind
from jiesu.org.rights import Right, Role
from jiesu.rules.clocks import ClockKind, Tone
from jiesu.rules.workflow import Action, Stage

GLOSSARY = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text()
KINDS = (
    Stage, Action, ClockKind, Tone, Part, Verdict, BatchState, ExportState, UnitKind, Role, Right,
    Channel, Outcome,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_word_stands_in_the_glossary(kind):
    missing = [member for member in kind if f"| `{member.value}` | {member.label} |" not in GLOSSARY]

    assert missing == []
