import pytest

from jiesu.org.models import Office
from tests.stages.supervision.people import Street, make_street


@pytest.fixture(autouse=True)
def no_roads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves the house unless a test sets it up."""
    for name in ("JIESU_SMTP_HOST", "JIESU_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def street(office: Office) -> Street:
    return make_street(office)
