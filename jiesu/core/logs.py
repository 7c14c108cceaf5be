"""The log: one line an event, as JSON, with the number of the request and nothing about anybody.

A line of the house's own says what happened in words and numbers of ours (a house test holds every
call to that). What other libraries say is cut down to what they say of themselves: the pattern of
the sentence without what was put into it. An exception is its type and where it was raised; its
words, which quote rows, addresses and form values, are never written.
"""

import json
import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import walk_tb
from types import TracebackType
from typing import Any

OURS = ("jiesu.",)
LONGEST = 400
FRAMES = 12  # of a traceback, the innermost
FACTS = (
    "member",
    "view",
    "method",
    "status",
    "ms",
    "kind",
)  # what a line may carry beside its words
_LONG_NUMBER = re.compile(
    r"\d{7,}"
)  # phones, identity and bank numbers; a case number has six and six
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|“[^”]*”|‘[^’]*’")
_number: ContextVar[str] = ContextVar("request_number", default="")


def number() -> str:
    """Return the number of the present request, which stands on its error page; "" outside one."""
    return _number.get()


def new_number() -> str:
    """Return a number short enough to be read out on the phone."""
    return secrets.token_hex(4).upper()


@contextmanager
def numbered(given: str) -> Iterator[None]:
    """Log meanwhile under this request's number."""
    token = _number.set(given)
    try:
        yield
    finally:
        _number.reset(token)


class Line(logging.Formatter):
    """One event as one line of JSON: whatever stands in it, it cannot begin another line."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": words(record),
        }
        if request := number():
            told["request"] = request
        told |= {name: getattr(record, name) for name in FACTS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            told["error"] = chain(record.exc_info[1])
            told["where"] = places(record.exc_info[2])
        return json.dumps(told, ensure_ascii=True, default=_unknown)


class Plain(Line):
    """The same for who reads it on a terminal (``JIESU_LOG=plain``): still one line an event."""

    def format(self, record: logging.LogRecord) -> str:
        told = json.loads(super().format(record))
        head = (
            f"{told.pop('at')} {told.pop('level').upper()} {told.pop('from')} {told.pop('event')}"
        )
        return _one_line(" ".join([head, *(f"{name}={value}" for name, value in told.items())]))


def words(record: logging.LogRecord) -> str:
    """Return what the line says, without anything that could be about a person."""
    if record.name.startswith(OURS) or record.name == "jiesu":
        said = record.getMessage()
    elif record.args:
        said = str(record.msg)  # the pattern: what would be put in is not ours to write
    else:
        said = _QUOTED.sub("…", str(record.msg).partition("\n")[0])
    return _LONG_NUMBER.sub("#", said)[:LONGEST]


def chain(error: BaseException | None) -> str:
    """Return the types of an error and of what caused it; of the database's also state and constraint."""
    told: list[str] = []
    while error is not None and len(told) < 5:
        name = f"{type(error).__module__}.{type(error).__qualname__}"
        diag = getattr(error, "diag", None)
        facts = [getattr(error, "sqlstate", None), getattr(diag, "constraint_name", None)]
        told.append(" ".join([name, *(str(fact) for fact in facts if fact)]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return " < ".join(told)


def places(traceback: TracebackType | None) -> list[str]:
    """Return where an error passed, innermost last: file, line and function, no values."""
    return [
        f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(traceback)
    ][-FRAMES:]


def _unknown(value: object) -> str:
    return type(value).__name__


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)


def settings(kind: str) -> dict[str, Any]:
    """Return Django's LOGGING: every logger ends in the one handler. ``kind``: json or plain."""
    quiet = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "jiesu.core.logs.Plain" if kind == "plain" else "jiesu.core.logs.Line"}
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            # what these say of a request, the request's own line says too
            "django": quiet | {"level": "WARNING"},
            "django.request": quiet | {"level": "CRITICAL"},
            "django.security": quiet | {"level": "CRITICAL"},
            "django.server": quiet | {"level": "WARNING"},
            "uvicorn": quiet | {"level": "WARNING"},
            "uvicorn.error": quiet | {"level": "WARNING"},
            "uvicorn.access": quiet | {"level": "CRITICAL"},
            "procrastinate": quiet | {"level": "WARNING"},
            "jiesu": quiet | {"level": "INFO"},
        },
    }
