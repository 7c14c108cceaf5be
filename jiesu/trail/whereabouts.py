"""From where somebody acts: set for each request, empty for commands and jobs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """``address``: the browser's; ``session``: a short mark that tells sessions apart and opens none."""

    address: str = ""
    session: str = ""


NOWHERE = Whereabouts()
_here: ContextVar[Whereabouts] = ContextVar("whereabouts", default=NOWHERE)


def here() -> Whereabouts:
    """Return from where the present request comes."""
    return _here.get()


@contextmanager
def at(place: Whereabouts) -> Iterator[None]:
    """Act from ``place`` meanwhile."""
    token = _here.set(place)
    try:
        yield
    finally:
        _here.reset(token)


def mark(session_key: str | None) -> str:
    """Return the short mark of a session."""
    return sha256(session_key.encode()).hexdigest()[:16] if session_key else ""


class FromWhere:
    """Middleware, behind the session's: what is left in the trail during a request says from where."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with at(
            Whereabouts(request.META.get("REMOTE_ADDR", ""), mark(request.session.session_key))
        ):
            return self.get_response(request)
