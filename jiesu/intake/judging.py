"""What a row means against what is on record: new, changed, unchanged, arrived again.

An empty cell or a coarser value never overwrites. A row seen before, word for word, is no news. An
older dispatch time than any on record changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from jiesu.cases import sealing
from jiesu.cases.models import Case
from jiesu.intake.models import Arrival, Verdict
from jiesu.intake.naming import Names
from jiesu.org.models import Office
from jiesu.platforms.drafts import Draft
from jiesu.rules.moments import Moment, agrees_coarser, better

TEXTS = (
    "case_no", "order_type", "path", "title", "content", "location", "district", "street",
    "requester_name", "requester_phone", "requester_address", "company",
)  # fmt: skip
NUMBERS = ("month_seq", "year_seq")
READ = (
    "id", "number", "arrival", "stage", "steps", "category", "tags", "community_id", "community_text",
    "unit_text", "extra", "called_at", "dispatched_at", "due_at", "due_source", "closed_at", "result",
    "office", "arrived_at", "sealed", "confidential", "phone_keys", "erased_at",
    *TEXTS, *NUMBERS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft, what it means, the case it speaks of, and what it changes ({field: [before, after]})."""

    draft: Draft
    verdict: Verdict
    case: Case | None = None
    changes: dict[str, tuple[Any, Any]] | None = None
    warning: str = ""


class OnRecord:
    """What is on record about the numbers of one chunk, read in two queries."""

    def __init__(self, office: Office, drafts: Sequence[Draft]) -> None:
        numbers = list({draft.number for draft in drafts})
        found = Case.objects.filter(_one_of("number", numbers), office=office)
        found = found.only(*READ).order_by("arrival")
        self.chains: dict[str, list[Case]] = {}
        for case in found:
            self.chains.setdefault(case.number, []).append(case)
        digests = [UUID(bytes=draft.digest) for draft in drafts]
        seen = Arrival.objects.filter(_one_of("digest", digests), office=office, case__isnull=False)
        self.seen = {digest.bytes for digest in seen.values_list("digest", flat=True)}

    def judge(self, draft: Draft, names: Names) -> Judged:
        """Return what the draft means. ``names`` finds communities and units."""
        chain = self.chains.get(draft.number)
        if draft.digest in self.seen:
            return Judged(draft, Verdict.UNCHANGED, chain[-1] if chain else None)
        if not chain:
            return Judged(draft, Verdict.NEW)
        case = _same_arrival(chain, draft.dispatched_at)
        if case is None:
            latest = chain[-1]
            assert draft.dispatched_at is not None
            if draft.dispatched_at.at > latest.dispatched_at:
                return Judged(draft, Verdict.ARRIVED_AGAIN, latest)
            return Judged(
                draft, Verdict.UNCHANGED, latest,
                warning=f"{draft.number} 的派单时间早于在案记录，未改动，请核对。",
            )  # fmt: skip
        if case.erased_at:
            return Judged(
                draft, Verdict.UNCHANGED, case,
                warning=f"{draft.number} 的个人信息已按保存期清除，来单内容不再补录。",
            )  # fmt: skip
        changes = differences(case, draft, names)
        verdict = Verdict.CHANGED if changes else Verdict.UNCHANGED
        return Judged(draft, verdict, case, changes)


def _one_of(column: str, values: list[Any]) -> RawSQL:
    """True for rows whose column is among thousands of values: one array, not a parameter for each."""
    return RawSQL(f"{column} = ANY(%s)", [values], BooleanField())  # noqa: S611 - our own column names


def _same_arrival(chain: Sequence[Case], dispatched: Moment | None) -> Case | None:
    """The arrival the row speaks of: the same dispatch time, however finely either gives it."""
    if dispatched is None:
        return chain[-1]
    for case in reversed(chain):
        if case.dispatched_at == dispatched.at or agrees_coarser(case.dispatched_at, dispatched):
            return case
        finer = (
            case.dispatched_at.second == 0 and dispatched.at.replace(second=0) == case.dispatched_at
        )
        if finer:
            return case
    return None


def differences(case: Case, draft: Draft, names: Names) -> dict[str, tuple[Any, Any]]:
    """Return {field: (before, after)} of what the draft says better or otherwise."""
    found: dict[str, tuple[Any, Any]] = {}
    came = sealing.known(case)

    def say(field: str, after: Any) -> None:
        before = came[field] if field in came else getattr(case, field)
        if after not in (None, "", []) and after != before:
            found[field] = (before, after)

    for field in TEXTS:
        if field != "title" or draft.title_given:
            say(field, getattr(draft, field))
    for field in NUMBERS:
        say(field, getattr(draft, field))
    _category(case, ">".join(draft.category), found)
    if draft.tags and set(draft.tags) != set(case.tags):
        found["tags"] = (case.tags, list(draft.tags))
    if draft.community and draft.community != case.community_text:
        community = names.community(draft.community)
        if community is None or community.pk != case.community_id:
            found["community_text"] = (case.community_text, draft.community)
            if community is not None:
                found["community_id"] = (case.community_id, community.pk)
    if draft.unit and draft.unit != case.unit_text:
        found["unit_text"] = (case.unit_text, draft.unit)
    _times(case, draft, found)
    _extra(came["extra"], draft, found)
    if draft.finished and draft.result and not case.is_open:
        say("result", draft.result)
    return found


def _category(case: Case, after: str, found: dict[str, tuple[Any, Any]]) -> None:
    """A first level alone says less than the path on record and does not overwrite it."""
    if after and after != case.category and not case.category.startswith(after + ">"):
        found["category"] = (case.category, after)


def _times(case: Case, draft: Draft, found: dict[str, tuple[Any, Any]]) -> None:
    given: Iterable[tuple[str, Moment | None]] = (
        ("called_at", draft.called_at),
        ("dispatched_at", draft.dispatched_at),
        ("due_at", draft.due_at),
    )
    for field, moment in given:
        before: datetime | None = getattr(case, field)
        after = better(before, moment)
        if after is not None and after != before:
            if field == "due_at":
                found["due_source"] = (case.due_source, "工单自带")
            found[field] = (before, after)


def _extra(came: dict[str, Any], draft: Draft, found: dict[str, tuple[Any, Any]]) -> None:
    new = {key: text for key, text in draft_extra(draft).items() if came.get(key) != text}
    if new:
        found["extra"] = ({key: came.get(key, "") for key in new}, new)


def draft_extra(draft: Draft) -> dict[str, str]:
    """Return what the row says beyond our own columns, under the words of the export."""
    known = (
        ("工单性质", draft.nature), ("工单状态", draft.status), ("是否联系", draft.answer_contacted),
        ("是否解决", draft.answer_solved), ("是否满意", draft.answer_satisfied),
        ("批示", draft.instructions),
    )  # fmt: skip
    said = {key: text for key, text in known if text}
    if draft.result and not draft.finished:
        said["处理结果"] = draft.result
    return {**draft.extra, **said}
