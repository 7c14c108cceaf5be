"""What of a case is personal: sealed as it came, masked for everybody, found by its phone."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from jiesu.cases import sealing
from jiesu.cases.models import Case, Event
from jiesu.core import environment, vault
from jiesu.handling import actions as handling
from jiesu.intake import importing, receiving
from jiesu.intake.models import Arrival
from jiesu.service import resealing
from tests.factories.files import row, workbook
from tests.factories.orders import dispatched, make_case

NAME, OTHER, PHONE, SECOND = "欧阳晓帆", "刘志强", "12900001234", "12900005678"
IDENTITY, DOOR = "110108189912311234", "2单元501室"
CONTENT = f"业主{NAME}来电，身份证{IDENTITY}，楼上{OTHER}（电话{SECOND}）天天弹琴，家住松风街6号院3号楼{DOOR}。"
SECRETS = (NAME, OTHER, PHONE, SECOND, IDENTITY, DOOR)


def order(number=7, **cells):
    return row(number, **({"主要内容": CONTENT, "来电人": NAME, "联系方式": PHONE} | cells))


@pytest.fixture
def bring(office, tmp_path, now):
    made = iter(range(100))

    def bring(*rows):
        path = workbook(tmp_path / f"{next(made)}.xlsx", rows)
        return importing.run(receiving.receive_path(office, path), at=now)

    return bring


def everything() -> str:
    """Every table of the database as text, byte columns read as what they might hold."""
    out = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I', relname) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = current_schema()::regnamespace"
        )
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            with cursor.copy(f"COPY {table} TO STDOUT") as rows:
                for piece in rows:
                    out.write(piece)
        for table, column in (("cases_case", "sealed"), ("intake_arrival", "values")):
            cursor.execute(f'SELECT "{column}" FROM {table}')
            out.write(b"".join(bytes(blob or b"") for (blob,) in cursor.fetchall()))
    return out.getvalue().decode("utf-8", "replace")


def test_nothing_of_an_imported_order_stands_anywhere_in_the_clear(bring):
    bring(order(), order(8, 标题=f"{NAME}反映噪声"))
    bring(order(联系方式=SECOND, 来电人=OTHER))

    text = everything()

    assert Case.objects.count() == 2
    assert [secret for secret in SECRETS if secret in text] == []
    files = [path for path in environment.files().rglob("*") if path.is_file()]
    assert files
    held = b"".join(path.read_bytes() for path in files)
    assert [secret for secret in SECRETS if secret.encode() in held] == []


def test_the_columns_are_masked_and_the_seal_gives_them_back(bring):
    bring(order())

    case = Case.objects.get()
    came = sealing.whole(case)

    assert (case.requester_name, case.requester_phone) == ("欧*", "129****1234")
    assert "业主欧阳*来电" in case.content
    assert "3号楼*单元***室" in case.content
    assert (came["requester_name"], came["requester_phone"]) == (NAME, PHONE)
    assert came["content"] == CONTENT
    assert NAME[:2] not in case.tokens.replace("欧阳", "", 1)


def test_the_same_row_again_is_unchanged_and_a_new_phone_a_change_told_masked(bring):
    bring(order())
    again = bring(order(标题="楼上太吵 "), order())
    changed = bring(order(联系方式=SECOND))

    assert (again.told()["unchanged"], again.told()["changed"]) == (1, 1) or again.told()[
        "new"
    ] == 0
    assert changed.told()["changed"] == 1
    event = Event.objects.filter(action="correct").latest("id")
    assert event.facts["changes"]["requester_phone"] == ["129****1234", "129****5678"]
    arrival = Arrival.objects.latest("id")
    assert arrival.changes["requester_phone"] == ["129****1234", "129****5678"]
    assert sealing.whole(Case.objects.get())["requester_phone"] == SECOND


@pytest.mark.parametrize(
    "asked", [PHONE, "129 0000 1234", "１２９００００１２３４", "+86-129-0000-1234", SECOND]
)
def test_a_case_is_found_by_every_whole_phone_in_it(bring, asked):
    bring(order(), row(9))

    found = Case.objects.matching(asked)

    assert [case.number for case in found] == ["热线-261019-000007"]
    assert not Case.objects.matching("12900009999").exists()


@pytest.mark.parametrize("asked", ["010-00001234", "01000001234"])
def test_a_landline_is_found_with_and_without_its_area(office, asked):
    make_case(office, content="家里电话010-00001234转801，请回电。")
    case = make_case(office, content="请打010-23451234。")

    assert Case.objects.matching("2345 1234").get() == case
    assert Case.objects.matching(asked).exists()


def test_who_asked_for_secrecy_is_shown_to_nobody(bring):
    bring(order(来电人="保密"))

    case = Case.objects.get()

    assert case.confidential
    assert (case.requester_name, case.requester_phone, case.requester_address) == ("保密", "", "")
    assert "129" not in case.content
    assert "欧" not in case.content


def test_a_seal_put_into_another_case_does_not_open(office):
    one, two = make_case(office), make_case(office)
    Case.objects.filter(pk=two.pk).update(sealed=one.sealed)
    two.refresh_from_db()

    with pytest.raises(vault.Gone):
        sealing.originals(two)


def test_what_is_written_while_handling_is_masked_and_its_original_sealed(
    office, seat, member, now
):
    handler = member("handler", "livelihood")
    case = dispatched(make_case(office, at=now - timedelta(hours=3)), seat, handler.unit)
    words = f"已联系{OTHER}（{SECOND}），约定上门。"

    event = handling.progress(case, note=words, actor=handler, at=now)

    event.refresh_from_db()
    assert event.note == "已联系刘*（129****5678），约定上门。"
    assert [told["note"] for _, told in sealing.of_events(case)] == [words]


def test_cases_kept_before_are_sealed_once_and_new_keys_open_them(office, now):
    case = make_case(office)
    Case.objects.filter(pk=case.pk).update(
        sealed=None, phone_keys=[], requester_name=NAME, requester_phone=PHONE, content=CONTENT
    )
    note = f"已电话联系{NAME}，{PHONE}。"
    Event.objects.create(
        office=office,
        case=case,
        step=1,
        action="note",
        after=case.stage,
        moved=False,
        at=now,
        note=note,
    )

    assert resealing.seal_old() == 1
    assert resealing.seal_old() == 0
    vault.renew(sorted(vault.ring().newest))
    assert resealing.reseal() >= 2
    assert resealing.reseal() == 0

    case.refresh_from_db()
    assert PHONE not in everything()
    assert sealing.whole(case)["content"] == CONTENT
    assert [told["note"] for _, told in sealing.of_events(case)] == [note]
    assert Case.objects.matching(PHONE).get() == case


@pytest.fixture
def lost(bring, tmp_path, monkeypatch):
    """A case whose ring of keys was lost after it came: a new one was made in its place."""
    monkeypatch.setenv("JIESU_KEYS", str(tmp_path / "first.json"))
    bring(order())
    monkeypatch.setenv("JIESU_KEYS", str(tmp_path / "second.json"))
    return Case.objects.get()


def test_without_its_key_a_case_is_worked_on_as_it_stands(lost):
    lost.save(update_fields=sealing.amend(lost, result=f"已当面告知业主{NAME}"))

    kept = Case.objects.get()
    came = sealing.whole(kept)
    assert (came["result"], came["requester_name"]) == (f"已当面告知业主{NAME}", "欧*")
    assert NAME not in kept.result


def test_without_its_key_an_order_that_comes_again_brings_its_people_back(lost, bring):
    done = bring(order(来电人=OTHER), order(8))

    came = sealing.whole(Case.objects.get(number=lost.number))
    assert done.told()["changed"] == 1
    assert (came["requester_name"], came["content"]) == (OTHER, CONTENT)


def test_what_no_key_opens_is_said_in_words(lost, seat, browser_of):
    asked = {"why": "check", "reason": "核对地址", "once": str(uuid4())}

    browser = browser_of(seat)
    browser.raise_request_exception = False

    answer = browser.post(reverse("desk:reveal", args=[lost.number]), asked)

    assert answer.status_code == 410
    assert "密钥已销毁或不在密钥文件里，原文打不开，其余内容照常能办。" in answer.content.decode()
