"""What of a case is personal: sealed as it came, and masked where everybody may read it.

``seal`` turns columns as they came into columns as they are stored; nothing else writes them (a house test).
The originals lie in ``Case.sealed``, bound to the case's number and arrival, under the key of the month it
arrived in. Whoever may look, looks by ``originals`` after ``Action.REVEAL`` was recorded.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from jiesu.cases import search
from jiesu.cases.models import Case, Event, EventSeal
from jiesu.core import personal, vault
from jiesu.rules.moments import BEIJING
from jiesu.rules.personal_numbers import digits
from jiesu.rules.personal_text import PersonalKind, find

TEXTS = ("title", "content", "location", "result")
COLUMNS = (*Case.PERSONAL, *TEXTS, "extra")
SPOKEN = (
    "result_before",
    "proof",
    "place",
    "name",
    "told",
    "words",
    "answer",
    "points",
    "answers",
)  # facts people word
_YES = {"是", "保密", "需要", "要求保密", "1", "true", "True"}


def seal(
    columns: Mapping[str, Any], *, office: int, number: str, arrival: int, arrived_at: datetime
) -> dict[str, Any]:
    """Return the personal columns as they are stored, with ``sealed``, ``phone_keys`` and the rest.

    ``columns`` holds all of ``COLUMNS`` as they came (``extra`` a dict), and ``tags``.
    """
    confidential = is_confidential(columns)
    stored = _masked(columns, confidential=confidential)
    originals: dict[str, Any] = {
        name: columns[name] for name in COLUMNS if stored[name] != columns[name]
    }
    if "extra" in originals:
        originals["extra"] = {
            key: value for key, value in columns["extra"].items() if stored["extra"][key] != value
        }
    sealed = b""  # looked at, and nothing to hide
    if originals:
        plain = json.dumps(originals, ensure_ascii=False).encode()
        sealed = vault.seal(plain, place=place(office, number, arrival), month=month_of(arrived_at))
    return stored | {
        "sealed": sealed,
        "confidential": confidential,
        "phone_keys": phone_keys(columns),
        "tokens": search.index_text(number, stored["title"], stored["content"], stored["location"]),
    }


def originals(case: Case) -> dict[str, Any]:
    """Return what the masked columns hide; a column that hides nothing is not in it.

    :raises vault.Gone: the key was destroyed: the case was erased
    """
    if not case.sealed:
        return {}
    told: dict[str, Any] = json.loads(
        vault.unseal(case.sealed, place=place(case.office_id, case.number, case.arrival))
    )
    return told


def whole(case: Case) -> dict[str, Any]:
    """Return all personal columns as they came.

    :raises vault.Gone: the key was destroyed or is lost
    """
    return _laid_over(case, originals(case))


def known(case: Case) -> dict[str, Any]:
    """Return all personal columns as they came or, where the key is gone, as they stand: work goes on."""
    try:
        return whole(case)
    except vault.Gone:
        return _laid_over(case, {})


def _laid_over(case: Case, told: dict[str, Any]) -> dict[str, Any]:
    found = {name: told.get(name, getattr(case, name)) for name in COLUMNS}
    found["extra"] = {**case.extra, **told.get("extra", {})}
    found["tags"] = case.tags
    return found


def amend(case: Case, **columns: Any) -> list[str]:
    """Put changed personal columns onto a case, sealed anew, and return the fields to be saved."""
    stored = seal(
        known(case) | columns, office=case.office_id, number=case.number, arrival=case.arrival,
        arrived_at=case.arrived_at,
    )  # fmt: skip
    for name, value in stored.items():
        setattr(case, name, value)
    return list(stored)


def seal_event(note: str, facts: dict[str, Any]) -> tuple[str, dict[str, Any], bytes]:
    """Return note and facts of an event masked, and their originals to be sealed (empty: none)."""
    shown = personal.within(note)
    masked = {
        key: personal.within(str(facts[key])) for key in SPOKEN if isinstance(facts.get(key), str)
    }
    told: dict[str, Any] = {key: facts[key] for key, text in masked.items() if text != facts[key]}
    if shown != note:
        told["note"] = note
    plain = json.dumps(told, ensure_ascii=False).encode() if told else b""
    return shown, facts | masked, plain


def keep_event(case: Case, event: Event, plain: bytes) -> None:
    """Seal the originals of an event."""
    EventSeal.objects.create(
        event=event, case=case,
        sealed=vault.seal(
            plain, place=f"event:{case.pk}:{event.pk}", month=month_of(case.arrived_at)
        ),
    )  # fmt: skip


def of_events(case: Case) -> list[tuple[Event, dict[str, Any]]]:
    """Return the events of a case that hide something, with what they hide."""
    found = EventSeal.objects.filter(case=case).select_related("event__actor").order_by("event_id")
    return [
        (one.event, json.loads(vault.unseal(one.sealed, place=f"event:{case.pk}:{one.event_id}")))
        for one in found
    ]


def place(office: int, number: str, arrival: int) -> str:
    """Return whose seal it is."""
    return f"case:{office}:{number}:{arrival}"


def month_of(arrived_at: datetime) -> str:
    """Return the month whose key seals a case: that of its arrival here."""
    return f"{arrived_at.astimezone(BEIJING):%Y-%m}"


def is_confidential(columns: Mapping[str, Any]) -> bool:
    """True when the requester asked for 保密: by the name's cell, a tag, or a column of the export.

    GB/T 33358: 服务对象要求保密的，工单要做保密处理.
    """
    if str(columns["requester_name"]).strip() in {"保密", "要求保密"} or "保密" in columns["tags"]:
        return True
    return any(
        "保密" in key and str(value).strip() in _YES for key, value in columns["extra"].items()
    )


def phone_keys(columns: Mapping[str, Any]) -> list[UUID]:
    """Return the keyed digests of every phone of a case, by which it is found."""
    texts: Iterable[str] = (columns["content"], columns["title"], columns["result"])
    found = {plain for text in texts for plain in phones(text)}
    found |= set(phones(f"电话{columns['requester_phone']}"))
    return sorted(search.phone_key(plain) for one in found for plain in _ways(one))


def phones(text: str) -> list[str]:
    """Return the phones in a text, as digits alone."""
    return [
        digits(text[span.start : span.end])
        for span in find(text)
        if span.kind is PersonalKind.PHONE
    ]


def _ways(plain: str) -> set[str]:
    """A landline is found with and without its area, and without the extension."""
    area = re.match(r"0(?:10|2\d|[3-9]\d{2})", plain)
    if area is None:
        return {plain}
    number = plain[: 11 if len(area[0]) == 3 else 12]
    return {number, number[len(area[0]) :]} if len(area[0]) == 3 else {number, number[:11]}


def _masked(columns: Mapping[str, Any], *, confidential: bool) -> dict[str, Any]:
    how = personal.hidden if confidential else personal.within
    stored: dict[str, Any] = {name: how(columns[name]) for name in TEXTS}
    if confidential:
        stored |= {"requester_name": "保密", "requester_phone": "", "requester_address": ""}
    else:
        stored |= {name: mask(columns[name]) for name, mask in Case.PERSONAL.items()}
    stored["extra"] = {
        key: personal.labelled(key, value, how) if isinstance(value, str) else value
        for key, value in columns["extra"].items()
    }
    return stored
