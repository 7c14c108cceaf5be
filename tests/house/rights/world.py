"""A street with one of everything for everybody: what the walk over the addresses knocks at.

Titles say whose a case is, so that a page that shows too much gives itself away.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from jiesu.assessment.models import ResultUpload
from jiesu.cases.models import Assignment, Case, Part, SavedFilter
from jiesu.cases.sealing import month_of
from jiesu.catalogue.actions import DEFAULT_OFFICE, adopt_rule_set, establish
from jiesu.catalogue.models import PlaceName, RuleSet
from jiesu.core import environment
from jiesu.duty.models import Absence, DutyNote, Handover, NoteKind, Pattern, Post, Shift, Swap
from jiesu.evidence import storage
from jiesu.evidence.models import Evidence
from jiesu.followup.models import Matter, Recording
from jiesu.groups.models import Belonging
from jiesu.groups.models import Group as Grouped
from jiesu.intake.models import Batch, BatchState
from jiesu.ledger import actions as ledgers
from jiesu.ledger.models import Export, ExportState
from jiesu.org.models import Contract, Member, Office, Unit
from jiesu.org.rights import Role
from jiesu.rules.ladder import Rung
from jiesu.rules.workflow import OPEN, Stage
from jiesu.service import copying
from jiesu.service.models import Approval, ApprovalState, Copy, Verification, VerificationState
from jiesu.supervision.models import DailyList, Notice, Reminder
from jiesu.trail.actions import leave
from jiesu.trail.models import Kind
from jiesu.triage.models import CaseMark, Target, Version, VersionState
from tests.factories.orders import make_case
from tests.factories.people import make_member

OWN, ASSISTED, FOREIGN, MISSING, ELSEWHERE = "own", "assisted", "foreign", "missing", "elsewhere"
MARK = {OWN: "本家之事", ASSISTED: "协办之事", FOREIGN: "别家之事", ELSEWHERE: "他街之事"}
STAGES = (
    Stage.TO_SIGN, Stage.TO_DISPATCH, Stage.SEND_BACK_PENDING, Stage.HANDLING, Stage.EXTENSION_PENDING,
    Stage.REVIEWING, Stage.STREET_CALL_BACK, Stage.CLOSED,
)  # fmt: skip
NOBODYS = 987_654_321  # an id that nothing has
PHONE = "12000"  # every requester's phone of this world begins so


@dataclass
class Person:
    """Who knocks. ``far``: of another street; ``out``: nobody, or an account that is disabled."""

    column: str
    member: Member | None
    client: Client
    far: bool = False
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def sees(self) -> frozenset[str]:
        """Whose cases this person may know of, by the contract: a unit its own and those it assists."""
        if self.member is None or not self.member.is_active:
            return frozenset()
        if self.column in {"seat", "reviewer", "leader", "analyst", "inspector"}:
            return frozenset({ELSEWHERE} if self.far else {OWN, ASSISTED, FOREIGN})
        if self.column in {"handler", "head"}:
            return frozenset({ELSEWHERE} if self.far else {OWN, ASSISTED})
        return frozenset()


@dataclass
class Thing:
    """What an address is about: its place in the address, and what a body may name."""

    asked: dict[str, Any]
    names: dict[str, Any] = field(default_factory=dict)


class World:
    """Everything, made once by ``build``."""

    office: Office
    other: Office

    def __init__(self) -> None:
        self.cases: dict[tuple[str, Stage], Case] = {}
        self.children: dict[tuple[str, str, Stage], Any] = {}
        self.people: list[Person] = []
        self.held: dict[tuple[str, str], Any] = {}

    # who

    def person(self, role: str, *, far: bool = False, active: bool = True) -> Person:
        office = self.other if far else self.office
        member = make_member(office, role, is_active=True, password="!")
        member.set_password("only-for-this-walk")
        member.save(update_fields=["password"])
        client = Client(raise_request_exception=True)
        client.force_login(member)
        if not active:
            Member.objects.filter(pk=member.pk).update(is_active=False)
            member.is_active = False
        kept = {name: morsel.value for name, morsel in client.cookies.items()}
        column = "disabled" if not active else role
        return Person(column, member, client, far, kept)

    # what

    def case(self, whose: str, stage: Stage) -> Case:
        return self.cases[whose, stage]

    def numbers(self, whose: str) -> set[str]:
        return {case.number for (of, _), case in self.cases.items() if of == whose}


def build() -> World:
    """Make the world in the present transaction."""
    world = World()
    world.office = establish(DEFAULT_OFFICE).office
    world.other = _other_office(world.office)
    unit = {
        code: world.office.units.get(role_code=code) for code in ("LIVELIHOOD", "URBAN", "SAFETY")
    }
    far_unit = world.other.units.get(code="LIVELIHOOD")
    seat = make_member(world.office, "seat", name="造")
    for stage in STAGES:
        for whose, lead, helping in (
            (OWN, unit["LIVELIHOOD"], unit["SAFETY"]), (ASSISTED, unit["URBAN"], unit["LIVELIHOOD"]),
            (FOREIGN, unit["SAFETY"], unit["URBAN"]),
        ):  # fmt: skip
            _case(world, whose, stage, world.office, lead, helping, seat)
        _case(
            world, ELSEWHERE, stage, world.other, far_unit, None, make_member(world.other, "seat")
        )
    for role in Role:
        world.people.append(world.person(role.value))
    world.people += [
        world.person("seat", active=False), world.person("seat", far=True),
        world.person("handler", far=True), Person("visitor", None, Client()),
    ]  # fmt: skip
    _office_things(world, world.office, OWN)
    _office_things(world, world.other, ELSEWHERE)
    return world


def _other_office(like: Office) -> Office:
    made = Office.objects.create(code="110108999", name="他街", district="海淀区")
    for code in ("REQUEST", "LIVELIHOOD", "GENERAL", "DISCIPLINE"):
        Unit.objects.create(
            office=made, code=code, role_code=code, name=f"他街{code}", kind="office"
        )
    adopt_rule_set(made, RuleSet.objects.filter(office=like).latest("valid_from").body)
    return made


def _case(
    world: World, whose: str, stage: Stage, office: Office, lead: Unit, helping: Unit | None, by: Member
) -> None:  # fmt: skip
    place = len(world.cases) + 1
    case = make_case(
        office, title=f"{MARK[whose]}{place}", content=f"{MARK[whose]}，详情。", location=f"{MARK[whose]}处",
        requester_name="钱多多", requester_phone=f"{PHONE}{place:06d}", requester_address="一号院 9 号楼 8 门 707",
    )  # fmt: skip
    at = timezone.now()
    for unit, part in ((lead, Part.LEAD), (helping, Part.ASSISTING)):
        if unit is not None:
            Assignment.objects.create(
                case=case, unit=unit, part=part, assigned_at=at, assigned_by=by
            )
    closed = at if stage not in OPEN else None
    Case.objects.filter(pk=case.pk).update(stage=stage, unit=lead, closed_at=closed)
    case.refresh_from_db()
    world.cases[whose, stage] = case
    world.children["clock", whose, stage] = case.clocks.first()
    if stage is Stage.HANDLING:
        world.children["mark", whose, stage] = CaseMark.objects.create(
            case=case, code="water", kind="urgent", label="停水", reason="写有“停水”", found=["停水"], made_at=at
        )  # fmt: skip
        kept = storage.keep([f"{MARK[whose]}的佐证".encode()], month=month_of(at))
        world.children["file", whose, stage] = Evidence.objects.create(
            case=case, name="说明.txt", stored=kept.stored, kind="text/plain", size=kept.size,
            sha256=kept.sha256, added_by=by,
        )  # fmt: skip


def _place(office: Office, at: datetime) -> PlaceName:
    community = office.units.filter(kind="community").first() or office.units.first()
    return PlaceName.objects.create(
        office=office, community=community, word="示例苑", key="示例苑", kind="compound",
        valid_from=at.date(), added_at=at,
    )  # fmt: skip


def _office_things(world: World, office: Office, whose: str) -> None:
    """What belongs to a whole office, and to nobody in it."""
    at, seat = timezone.now(), make_member(office, "seat", name="众")
    keep = lambda kind, thing: world.held.__setitem__((kind, whose), thing)  # noqa: E731
    stored = f"batch-{uuid4().hex}"
    (environment.files() / stored).write_bytes("原件".encode())
    keep("batch", Batch.objects.create(
        office=office, member=seat, name="单.xlsx", stored=stored, sha256="0" * 64, size=6,
        state=BatchState.DONE, counts={"rows": 3, "refused": 1},
    ))  # fmt: skip
    shown = [OWN, ASSISTED, FOREIGN] if whose == OWN else [ELSEWHERE]
    sheet = storage.keep([MARK[whose].encode()], month=month_of(at), folder="results")
    keep("upload", ResultUpload.objects.create(
        office=office, member=seat, name="明细.xlsx", stored=sheet.stored, sha256=sheet.sha256, size=sheet.size,
        state=BatchState.DONE, counts={"rows": 1}, made_at=at, finished_at=at,
    ))  # fmt: skip
    rows = [
        {
            "case": case.pk, "number": case.number, "arrival": 1, "kind": "办理", "due": at.isoformat(),
            "left": "剩 3 小时", "level": "today", "unit": str(case.unit), "unit_id": case.unit_id,
        }
        for of in shown for case in [world.case(of, Stage.HANDLING)]
    ]  # fmt: skip
    keep("daily", DailyList.objects.create(office=office, at=at, made_at=at, rows=rows))
    keep("place", _place(office, at))
    pattern = Pattern.objects.create(office=office, name="早班", starts=time(8), ends=time(16))
    keep("pattern", pattern)
    shift = Shift.objects.create(
        office=office, pattern=pattern, on=date(2026, 11, 23), starts_at=at - timedelta(hours=2),
        ends_at=at + timedelta(hours=6), minimum=1,
    )  # fmt: skip
    evening = Pattern.objects.create(office=office, name="晚班", starts=time(16), ends=time(0))
    later = Shift.objects.create(
        office=office, pattern=evening, on=date(2030, 11, 25), starts_at=at + timedelta(days=2),
        ends_at=at + timedelta(days=2, hours=8), minimum=0,
    )  # fmt: skip
    world.held["later", whose] = later
    keep("duty_post", Post.objects.create(shift=later, member=seat, planned_at=at))
    keep("handover", Handover.objects.create(
        office=office, shift=shift, made_at=at, given_by=seat, given_at=at,
        body={
            "at": at.isoformat(), "shift": "早班", "figures": [], "unusual": [],
            "sections": [{"title": "待签收", "count": 1, "unit": "件", "tone": "", "empty": "", "rows": [
                {"number": row["number"], "title": MARK[of], "who": "", "when": ""}
                for of, row in zip(shown, rows, strict=True)
            ]}],
        },
    ))  # fmt: skip
    keep("duty_note", DutyNote.objects.create(
        office=office, kind=NoteKind.MATTER, case_number=rows[-1]["number"], text=MARK[shown[-1]], member=seat, at=at,
    ))  # fmt: skip
    keep("matter", Matter.objects.create(
        case=world.case(shown[0], Stage.STREET_CALL_BACK), words=MARK[shown[0]], opened_by=seat,
    ))  # fmt: skip
    sound = storage.keep([b"RIFF" + MARK[shown[0]].encode()], month=month_of(at))
    keep("recording", Recording.objects.create(
        office=office, name="新录音.wav", stored=sound.stored, kind="audio/wav", size=sound.size, sha256=sound.sha256,
    ))  # fmt: skip
    keep("approval", Approval.objects.create(
        office=office, asked_by=seat, kind="cases", rows=1, reason="核对", state=ApprovalState.WAITING, asked_at=at,
    ))  # fmt: skip
    keep("member", make_member(office, "handler", name="某"))
    keep("entry", leave(Kind.EXPORT, actor=seat, subject="ledger:cases", rows=1))
    keep("version", Version.objects.create(
        office=office, target=Target.UNIT, digest=uuid4().hex * 2, state=VersionState.WORSE, made_at=at,
    ))  # fmt: skip
    keep("contract", Contract.objects.create(
        office=office, party="某某服务公司", begins_on=at.date(), ends_on=at.date() + timedelta(days=90),
    ))  # fmt: skip


# ---- the kinds of thing an address is about -----------------------------------------------------

Things = dict[str, Thing]


def _case_things(world: World, person: Person, stage: Stage) -> Things:
    things = {
        whose: _of_case(world.case(whose, stage)) for whose in (OWN, ASSISTED, FOREIGN, ELSEWHERE)
    }
    nothing = SimpleNamespace(pk=NOBODYS, number="热线-000000-000000")
    return things | {MISSING: _of_case(nothing)}


def _of_case(case: Any, **more: Any) -> Thing:
    return Thing(
        {"number": case.number, "arrival": 1} | more, {"case": case.pk, "number": case.number}
    )


def _child(kind: str, name: str) -> Callable[[World, Person, Stage], Things]:
    def things(world: World, person: Person, stage: Stage) -> Things:
        found: Things = {}
        for whose in (OWN, ASSISTED, FOREIGN, ELSEWHERE):
            child = world.children[kind, whose, stage]
            found[whose] = _of_case(world.case(whose, stage), **{name: child.pk})
        nothing = SimpleNamespace(pk=NOBODYS, number="热线-000000-000000")
        return found | {MISSING: _of_case(nothing, **{name: NOBODYS})}

    return things


def _office_kind(kind: str, **fixed: Any) -> Callable[[World, Person, Stage], Things]:
    def things(world: World, person: Person, stage: Stage) -> Things:
        def one(pk: int) -> Thing:
            return Thing({"pk": pk, "pattern": pk} | fixed)

        return {
            OWN: one(world.held[kind, OWN].pk), MISSING: one(NOBODYS),
            ELSEWHERE: one(world.held[kind, ELSEWHERE].pk),
        }  # fmt: skip

    return things


def _personal(make: Callable[[World, Member], Any], *, by: str = "pk", **fixed: Any) -> Callable[[World, Person, Stage], Things]:  # fmt: skip
    """Things of single members: one's own, a colleague's in the same unit, a stranger's, another street's."""

    def things(world: World, person: Person, stage: Stage) -> Things:
        def of(member: Member) -> Thing:
            return Thing({by: getattr(make(world, member), by)} | fixed)

        me = person.member or make_member(world.office, "seat")
        stranger = make_member(world.office, "handler", "SAFETY")
        colleague = Member(office_id=me.office_id, unit_id=me.unit_id, role=me.role)
        colleague.username, colleague.name = f"同事{uuid4().hex[:8]}", "同事"
        colleague.save()
        far = make_member(world.other, "handler")
        missing = "nothing-here" if by == "key" else NOBODYS
        return {
            OWN: of(me), ASSISTED: of(colleague), FOREIGN: of(stranger),
            MISSING: Thing({by: missing} | fixed), ELSEWHERE: of(far),
        }  # fmt: skip

    return things


def _notice(world: World, member: Member) -> Notice:
    """A reminder by hand: of a case its unit leads, for who leads none of another's."""
    whose = ELSEWHERE if member.office_id == world.other.pk else OWN
    if member.unit.role_code == "SAFETY":
        whose = FOREIGN
    case = world.case(whose, Stage.HANDLING)
    at = timezone.now()
    asked = make_member(member.office, "seat")
    reminder = Reminder.objects.create(
        office=member.office, case=case, rung=Rung.HANDLER, at=at, unit=case.unit, asked_by=asked, words="请速办",
    )  # fmt: skip
    return Notice.objects.create(reminder=reminder, member=member, rung=Rung.HANDLER, made_at=at)


def _group_things(world: World, person: Person, stage: Stage) -> Things:
    """A proposed group of two cases of the same people; what the cases are to somebody, the group is."""
    found: Things = {MISSING: Thing({"pk": NOBODYS})}
    for whose in (OWN, ASSISTED, FOREIGN, ELSEWHERE):
        held = world.held.get(("group", whose))
        if held is None or not Grouped.objects.filter(pk=held.pk, state="proposed").exists():
            world.held["group", whose] = held = _grouped(world, whose)
        found[whose] = Thing({"pk": held.pk})
    return found


def _grouped(world: World, whose: str) -> Grouped:
    cases, at = (
        [world.case(whose, one) for one in (Stage.HANDLING, Stage.REVIEWING)],
        timezone.now(),
    )
    Belonging.objects.filter(case__in=cases, left_at=None).update(left_at=at)
    group = Grouped.objects.create(
        office=cases[0].office, kind="matter", state="proposed", title=cases[0].title, made_at=at
    )
    for case in cases:
        Belonging.objects.create(group=group, case=case, added_at=at)
    return group


def _saved(world: World, member: Member) -> SavedFilter:
    return SavedFilter.objects.create(
        office=member.office, owner=member, key=uuid4().hex[:12], name="常用", query="stage=open"
    )


def _export(world: World, member: Member) -> Export:
    stored = f"{uuid4().hex}.xlsx"
    (ledgers.folder() / stored).write_bytes(b"PK")
    return Export.objects.create(
        office=member.office,
        member=member,
        kind="cases",
        state=ExportState.DONE,
        stored=stored,
        words="全部",
    )


def _copied(world: World, member: Member) -> Copy:
    stored, day = f"{uuid4().hex}.zip", date(2026, 11, 23)
    (copying.folder() / stored).write_bytes(b"zip")
    return Copy.objects.create(
        office=member.office, member=member, number=uuid4().hex[:20], since=day, until=day, parts=["rules"],
        state=ExportState.DONE, done=1, stored=stored, sha256="0" * 64,
    )  # fmt: skip


def _agreed(world: World, member: Member) -> Approval:
    stored, at = f"{uuid4().hex}.xlsx", timezone.now()
    (copying.folder() / stored).write_bytes(b"xlsx")
    return Approval.objects.create(
        office=member.office, asked_by=member, kind="cases", rows=1, reason="核对", state=ApprovalState.MADE,
        asked_at=at, decided_at=at, made_at=at, stored=stored,
    )  # fmt: skip


def _later(world: World, member: Member) -> Shift:
    return world.held["later", ELSEWHERE if member.office_id == world.other.pk else OWN]


def _post(world: World, member: Member) -> Post:
    return Post.objects.create(
        shift=_later(world, member), member=member, planned_at=timezone.now()
    )


def _swap(world: World, member: Member) -> Swap:
    """Asked of the member by somebody else of the same street."""
    other = make_member(member.office, "seat")
    return Swap.objects.create(
        post=_post(world, other), to_member=member, reason="家中有事", asked_at=timezone.now()
    )


def _absence(world: World, member: Member) -> Absence:
    at = timezone.now()
    return Absence.objects.create(
        office=member.office,
        member=member,
        from_at=at - timedelta(hours=1),
        to_at=at + timedelta(days=1),
        made_at=at,
    )


def _words(name: str, good: str, bad: str) -> Callable[[World, Person, Stage], Things]:
    return lambda world, person, stage: {OWN: Thing({name: good}), MISSING: Thing({name: bad})}


def _walked(world: World, person: Person, stage: Stage) -> Things:
    """One walk over the chain, which is everybody's: it is one chain."""
    if "walked" not in {kind for kind, _ in world.held}:
        world.held["walked", OWN] = Verification.objects.create(state=VerificationState.DONE)
    return {OWN: Thing({"pk": world.held["walked", OWN].pk}), MISSING: Thing({"pk": NOBODYS})}


def _nothing(world: World, person: Person, stage: Stage) -> Things:
    return {OWN: Thing({}, {"case": "", "number": ""})}


# kind → what of it there is, for one person; the order of the words in a cell of the table
KINDS: dict[str, Callable[[World, Person, Stage], Things]] = {
    "": _nothing,
    "case": _case_things,
    "clock": _child("clock", "clock"),
    "file": _child("file", "pk"),
    "matter": _office_kind("matter"),
    "group": _group_things,
    "recording": _office_kind("recording"),
    "mark": _child("mark", "pk"),
    "batch": _office_kind("batch"),
    "upload": _office_kind("upload"),
    "daily": _office_kind("daily"),
    "pattern": _office_kind("pattern", on="2026-11-23"),
    "duty_post": _office_kind("duty_post"),
    "handover": _office_kind("handover", verb="take"),
    "duty_note": _office_kind("duty_note"),
    "member": _office_kind("member"),
    "entry": _office_kind("entry"),
    "contract": _office_kind("contract"),
    "place": _office_kind("place"),
    "version": _office_kind("version"),
    "notice": _personal(_notice),
    "filter": _personal(_saved, by="key"),
    "export": _personal(_export),
    "post": _personal(_post),
    "swap": _personal(_swap, verb="agree"),
    "absence": _personal(_absence),
    "copy": _personal(_copied),
    "unmasked": _personal(_agreed),
    "approval": _office_kind("approval"),
    "part": _words("part", "rules", "nothing"),
    "ledger": _words("kind", "cases", "nothing"),
    "year": _words("year", "2026", "1999"),
    "walked": _walked,
}  # fmt: skip
PERSONAL = {"notice", "filter", "export", "post", "swap", "absence", "copy", "unmasked"}
OF_CASES = {"case", "clock", "file", "group", "mark"}
WORDED = {"ledger", "part", "year", "walked"}  # the same in every street
ORDER = (OWN, ASSISTED, FOREIGN, MISSING, ELSEWHERE)


def names_of(kind: str) -> list[str]:
    """Return what a cell of that kind has words for, in their order."""
    if kind == "":
        return [OWN]
    if kind in WORDED:
        return [OWN, MISSING]
    if kind in PERSONAL | OF_CASES:
        return list(ORDER)
    return [OWN, MISSING, ELSEWHERE]


def things_of(world: World, kind: str, person: Person, stage: str) -> Iterator[tuple[str, Thing]]:
    """Yield what a person knocks with, in the order of the table's words."""
    found = KINDS[kind](world, person, Stage(stage) if stage else Stage.HANDLING)
    if person.far and kind in PERSONAL:  # what is theirs and what is not has been asked by ours
        return
    if person.far and kind:  # ours is another street's to them
        theirs = {OWN, ASSISTED, FOREIGN} & found.keys()
        as_theirs = OWN if kind in WORDED else ELSEWHERE
        yield from ((as_theirs, found[whose]) for whose in ORDER if whose in theirs)
        return
    yield from ((whose, found[whose]) for whose in ORDER if whose in found)
