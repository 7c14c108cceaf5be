import pytest


@pytest.fixture
def people(member):
    """Four seats by one-sign names."""
    return [member("seat", name=name) for name in ("甲", "乙", "丙", "丁")]


@pytest.fixture
def planner(member):
    return member("reviewer", name="审")
