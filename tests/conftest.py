"""What nearly every test needs: an office, its people, cases, and a browser that is logged in."""

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import hypothesis
import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from jiesu.desk import limits
from jiesu.org.models import Member, Office
from tests.factories.offices import Kept
from tests.factories.people import make_member

# how fast the machine is says nothing about the product, and a run finds what the run before found
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=True, database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)  # fmt: skip
hypothesis.settings.load_profile("house")
Undone = Callable[[], AbstractContextManager[None]]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """An open browser keeps a loop running in this thread; only its own tests may see it.

    Django has one connection for who runs inside a loop and another for who does not: a test that
    changed sides between its set-up and its end would leave its transaction open for the next ones.
    """
    browser = asyncio._get_running_loop()
    if "chromium" not in getattr(item, "fixturenames", ()):
        asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(asyncio._get_running_loop() or browser)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The test database may be emptied between tests, which the record itself never allows."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
        for table in ("cases_event", "trail_entry", "trail_link"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_never_emptied ON {table}")


@pytest.fixture(autouse=True)
def plain_static(settings: object) -> None:
    """Tests need no collected static files, nor the folder of them."""
    settings.WHITENOISE_AUTOREFRESH = True  # type: ignore[attr-defined]
    settings.STORAGES = settings.STORAGES | {  # type: ignore[attr-defined]
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(autouse=True)
def no_jobs_left(request: pytest.FixtureRequest, django_db_blocker: object) -> Iterator[None]:
    """What a committing test has put into the queue goes with it; Django empties only its own tables."""
    yield
    mark = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (
        mark and mark.kwargs.get("transaction")
    )
    if commits:
        with django_db_blocker.unblock(), connection.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


@pytest.fixture(autouse=True)
def no_haste() -> None:
    """Each test begins with full buckets."""
    limits.buckets.clear()


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture(scope="session")
def street_kept(django_db_setup: None, django_db_blocker: object) -> Kept:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        return Kept()


@pytest.fixture(scope="session")
def undone(django_db_setup: None, django_db_blocker: object) -> Undone:
    """``with undone():`` in a fixture of a module: one transaction for its tests, undone when they are over."""

    @contextmanager
    def one_for_all() -> Iterator[None]:
        with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
            yield
            transaction.set_rollback(True)

    return one_for_all


@pytest.fixture
def office(db: None, street_kept: Kept) -> Office:
    """羊坊店街道 with its units, communities, duties, categories and rule set."""
    return street_kept.again()


@pytest.fixture
def member(office: Office) -> Callable[..., Member]:
    """Make a member: ``member("seat")``, ``member("handler", "livelihood")``."""

    def make(role: str = "seat", unit: str | None = None, **fields: object) -> Member:
        return make_member(office, role, unit, **fields)

    return make


@pytest.fixture
def seat(member: Callable[..., Member]) -> Member:
    return member("seat")


@pytest.fixture
def browser_of() -> Callable[[Member], Client]:
    """A test client logged in as a member."""

    def login(who: Member) -> Client:
        client = Client()
        client.force_login(who)
        return client

    return login
