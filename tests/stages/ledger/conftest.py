"""Ledgers over a few real cases."""

from datetime import datetime
from pathlib import Path

import pytest

from jiesu.ledger import actions, queries
from jiesu.ledger.register import SHEETS
from jiesu.rules.moments import BEIJING

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=BEIJING)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Exports of a test are written to its own folder."""
    monkeypatch.setenv("JIESU_DATA", str(tmp_path / "data"))


@pytest.fixture
def take():
    """Export a ledger as ``member``: ``take(seat, "cases", q="灯")`` returns (trace, file)."""

    def take(member, kind="cases", at=NOON, **asked: str) -> tuple[object, Path]:
        return actions.take(member, SHEETS[kind], queries.read_filter(asked, member), at=at)

    return take
