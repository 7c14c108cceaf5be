"""Every domain word that the code knows stands in the glossary, with the label that people see."""

import re

import pytest

from jiesu.config import urls
from jiesu.ledger import workbook
from jiesu.rules.labelled import Labelled
from tests.house.tracked import ROOT

TEXT = (ROOT / "docs" / "glossary.md").read_text("utf-8")
HEADING = re.compile(r"^#{2,3} (?P<title>.+)$", re.MULTILINE)
ROW = re.compile(r"^\| `(?P<code>\w+)` \| (?P<label>[^|]+?) \| (?P<says>[^|]+?) \|$", re.MULTILINE)
CONCEPTS = {
    "案件", "到达", "工单", "诉求", "诉求人", "点位", "问题点位", "来源路径（派单路径）", "双派单", "首接负责",
    "内部截止", "规则集", "台账", "社区职责清单", "佐证", "延期", "时限",
}  # fmt: skip


def enumerations() -> list[type[Labelled]]:
    """Return every enumeration of the house; the addresses and the ledgers' files import them all."""
    assert urls, workbook
    return sorted(Labelled.__subclasses__(), key=lambda kind: kind.__name__)


def sections() -> dict[str, list[tuple[str, str, str]]]:
    """Return the rows (code, label, sentence) under each heading."""
    pieces = HEADING.split(TEXT)[1:]
    return {
        title: [(m["code"], m["label"], m["says"]) for m in ROW.finditer(body)]
        for title, body in zip(pieces[::2], pieces[1::2], strict=True)
    }


@pytest.mark.parametrize("kind", enumerations(), ids=lambda kind: kind.__name__)
def test_every_member_stands_there_with_its_label(kind):
    of_kind = [rows for title, rows in sections().items() if title.endswith(f"`{kind.__name__}`")]

    assert kind.choices() in [[(code, label) for code, label, _ in rows] for rows in of_kind]


def test_the_concepts_stand_there():
    labels = {label for rows in sections().values() for _, label, _ in rows}

    assert CONCEPTS - labels == set()


def test_every_word_has_one_sentence():
    without = [
        (code, says)
        for rows in sections().values()
        for code, _, says in rows
        if not says.endswith("。") or says.count("。") != 1
    ]

    assert without == []


def test_no_concept_is_explained_twice():
    codes = [
        code for title, rows in sections().items() if not title.endswith("`") for code, _, _ in rows
    ]

    assert sorted({code for code in codes if codes.count(code) > 1}) == []
    assert codes
