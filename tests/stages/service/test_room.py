"""检查室 (合同 5.1): everything of a chosen time can be seen and copied, masked, marked, and on record."""

import hashlib
import io
import zipfile
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse
from django.utils import timezone

from jiesu.desk.jobs import hand_on
from jiesu.ledger.models import ExportState
from jiesu.service import copying
from jiesu.service.models import Copy
from jiesu.service.parts import PARTS, Span
from jiesu.trail.models import Entry, Kind
from tests.factories.orders import make_case

PHONE = "12000001234"


@pytest.fixture
def inspector(member):
    return member("inspector", name="检一")


@pytest.fixture
def case(office, now):
    return make_case(
        office,
        at=now,
        title="楼道灯不亮",
        content=f"市民反映，请回电{PHONE}。",
        requester_phone=PHONE,
        requester_name="钱多多",
    )


def days(at):
    today = timezone.localdate(at).isoformat()
    return {"since": today, "until": today}


def package_of(answer):
    content = b"".join(answer.streaming_content)
    return content, zipfile.ZipFile(io.BytesIO(content))


def sheets_of(package, name):
    with zipfile.ZipFile(io.BytesIO(package.read(name))) as book:
        return {n: book.read(n).decode() for n in book.namelist() if n.startswith("xl/worksheets/")}


def first_cell(xml):
    return next(
        ET.fromstring(xml).iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}t")
    ).text


def test_a_copy_holds_every_part_marked_masked_and_with_its_hash(inspector, case, browser_of, now):
    browser = browser_of(inspector)
    asked = browser.post(reverse("service:take"), {**days(now), "parts": list(PARTS)})
    copy = Copy.objects.get()
    assert asked.url == reverse("service:copying", args=[copy.pk])
    assert 'hx-trigger="every 1s"' in browser.get(asked.url).content.decode()

    hand_on("service.copy_asked", {"copy": copy.pk})

    content, package = package_of(browser.get(reverse("service:copy_file", args=[copy.pk])))
    copy.refresh_from_db()
    sums = dict(
        line.split("  ")[::-1] for line in package.read("SHA256SUMS.txt").decode().splitlines()
    )
    assert hashlib.sha256(content).hexdigest() == copy.sha256
    assert sums == {
        name: hashlib.sha256(package.read(name)).hexdigest()
        for name in package.namelist()
        if name.endswith(".xlsx")
    }
    assert [one["sha256"] for one in copy.contents] == [sums[one["file"]] for one in copy.contents]
    assert len(copy.contents) == len(PARTS)
    cover = "".join(sheets_of(package, "00_封面.xlsx").values())
    assert all(one["sha256"] in cover for one in copy.contents)
    for name in sums:
        for xml in sheets_of(package, name).values():
            assert "检一（检查员）" in first_cell(xml), name
            assert copy.number in first_cell(xml), name
            assert f"<oddHeader>&amp;C羊坊店街道 调阅件 {copy.number}" in xml, name
            assert PHONE not in xml, name
            assert "钱多多" not in xml, name
    assert case.number in "".join(sheets_of(package, "01_诉求总台账.xlsx").values())


def test_the_days_chosen_are_the_days_copied(inspector, office, browser_of, now):
    make_case(office, at=now - timedelta(days=5))
    newer = make_case(office, at=now)
    today = timezone.localdate(now)

    span = Span(today, today)
    rows = list(PARTS["cases"].rows(inspector, span, now))

    assert [row[1] for row in rows] == [newer.number]
    assert PARTS["cases"].count(inspector, Span(today - timedelta(days=9), today)) == 2


@pytest.mark.parametrize("part", PARTS)
def test_every_part_can_be_opened_and_the_look_is_on_record(part, inspector, case, browser_of, now):
    answer = browser_of(inspector).get(reverse("service:look", args=[part]), days(now))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert PHONE not in page
    assert "钱多多" not in page
    assert (
        Entry.objects.filter(kind=Kind.READ, subject=f"room:{part}", member=inspector.pk).count()
        == 1
    )


def test_what_was_taken_is_on_record_and_the_office_sees_it(
    inspector, case, member, browser_of, now
):
    browser = browser_of(inspector)
    browser.post(reverse("service:take"), {**days(now), "parts": ["rules", "cases"]})
    copy = Copy.objects.get()
    hand_on("service.copy_asked", {"copy": copy.pk})
    browser.get(reverse("service:copy_file", args=[copy.pk]))

    kinds = (
        Entry.objects.filter(subject=f"copy:{copy.number}")
        .order_by("id")
        .values_list("kind", flat=True)
    )
    assert list(kinds) == [Kind.EXPORT, Kind.DOWNLOAD]
    for role in ("leader", "reviewer", "auditor"):
        assert (
            copy.number in browser_of(member(role)).get(reverse("service:copies")).content.decode()
        )
    assert browser_of(member("seat")).get(reverse("service:copies")).status_code == 403


def test_the_file_is_the_inspectors_own_for_a_day(inspector, member, browser_of, now):
    browser_of(inspector).post(reverse("service:take"), {**days(now), "parts": ["rules"]})
    copy = Copy.objects.get()
    hand_on("service.copy_asked", {"copy": copy.pk})
    file = reverse("service:copy_file", args=[copy.pk])
    assert browser_of(member("inspector")).get(file).status_code == 404

    assert copying.forget(copy.made_at + timedelta(hours=23)) == 0
    assert copying.forget(copy.made_at + timedelta(hours=25)) == 1

    assert browser_of(inspector).get(file).status_code == 404
    assert (
        "文件已清理"
        in browser_of(inspector).get(reverse("service:copying", args=[copy.pk])).content.decode()
    )


def test_who_is_no_inspector_any_more_gets_nothing(inspector, browser_of, now):
    browser_of(inspector).post(reverse("service:take"), {**days(now), "parts": ["rules"]})
    copy = Copy.objects.get()
    type(inspector).objects.filter(pk=inspector.pk).update(role="seat")

    hand_on("service.copy_asked", {"copy": copy.pk})

    copy.refresh_from_db()
    assert (copy.state, copy.contents) == (ExportState.FAILED, [])


def test_a_wrong_time_or_nothing_chosen_says_what_to_do(inspector, browser_of):
    browser = browser_of(inspector)

    backwards = browser.post(
        reverse("service:take"), {"since": "2026-11-02", "until": "2026-11-01", "parts": ["rules"]}
    )
    nothing = browser.post(reverse("service:take"), {"since": "2026-11-01", "until": "2026-11-01"})

    assert (backwards.status_code, nothing.status_code) == (422, 422)
    assert "止日在起日之前" in backwards.content.decode()
    assert "请至少选一项" in nothing.content.decode()
    assert not Copy.objects.exists()


def test_the_same_package_asked_twice_is_one(inspector, browser_of, now):
    browser = browser_of(inspector)

    first = browser.post(reverse("service:take"), {**days(now), "parts": ["rules"]})
    again = browser.post(reverse("service:take"), {**days(now), "parts": ["rules"]})

    assert first.url == again.url
    assert Copy.objects.count() == 1
