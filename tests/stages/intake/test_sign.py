"""签收, 退回 and the platform's answer, as the duty desk does them."""

import json
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jiesu.cases.models import Event
from jiesu.rules.workflow import Action, Stage
from tests.factories.acting import HTMX, open_form, send, send_htmx, sentences
from tests.factories.orders import make_case, signed

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def case(office):
    return make_case(office)


@pytest.fixture
def desk(browser_of, seat):
    return browser_of(seat)


def test_one_press_signs_and_leaves_who_and_when(desk, seat, case):
    answer = send(desk, "signing:sign", case)

    case.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, reverse("desk:case", args=[case.number]))
    assert (case.stage, case.signed_at is not None) == (Stage.SIGNED, True)
    event = case.events.get(action=Action.SIGN)
    assert (event.actor, event.before, event.after) == (seat, Stage.TO_SIGN, Stage.SIGNED)


def test_with_htmx_signing_refreshes_the_page_where_it_stands(desk, case):
    answer = send_htmx(desk, "signing:sign", case)

    happened = json.loads(answer["HX-Trigger"])
    assert answer.status_code == 204
    assert happened["toast"]["text"] == f"已签收 {case.number}，请派转"
    assert "case-changed" in happened


def test_signing_twice_by_the_same_press_is_one_event(desk, case):
    once = str(uuid4())
    send(desk, "signing:sign", case, once=once)

    again = send_htmx(desk, "signing:sign", case, once=once)

    assert again.status_code == 409
    assert (
        json.loads(again["HX-Trigger"])["toast"]["text"] == "这份内容已经提交过了，没有重复记录。"
    )
    assert case.events.filter(action=Action.SIGN).count() == 1


def test_a_case_somebody_signed_meanwhile_is_told_as_that(desk, seat, case):
    signed(case, seat)

    answer = send_htmx(desk, "signing:sign", case)

    assert answer.status_code == 409
    assert "案件现为“已签收”" in json.loads(answer["HX-Trigger"])["toast"]["text"]


def test_coming_to_the_press_by_a_link_shows_the_case(desk, case):
    answer = open_form(desk, "signing:sign", case)

    case.refresh_from_db()
    assert (answer.status_code, case.stage) == (302, Stage.TO_SIGN)


@pytest.mark.parametrize("address", ["signing:sign", "signing:send_back", "signing:answer"])
@pytest.mark.parametrize(("role", "status"), [("handler", 403), ("leader", 403), ("analyst", 403)])
def test_only_the_desk_signs_and_sends_back(browser_of, member, case, address, role, status):
    browser = browser_of(member(role))

    assert send(browser, address, case).status_code == status


def test_a_missing_number_is_not_found(desk, case):
    case.number = "热线-000000-000000"

    assert open_form(desk, "signing:send_back", case).status_code == 404


def test_every_reason_stands_there_with_the_proof_it_demands(desk, case):
    page = open_form(desk, "signing:send_back", case).content.decode()

    assert page.count('name="reason"') == 8
    assert "派单目录条目号及应承办单位" in page
    assert "退回并等待平台裁定" in page


def test_in_the_dialog_the_form_comes_without_the_page_around_it(desk, case):
    page = open_form(desk, "signing:send_back", case, **HTMX).content.decode()

    assert page.strip().startswith('<section id="form"')
    assert 'hx-encoding="multipart/form-data"' in page


def test_sending_back_waits_for_the_platform_and_keeps_the_proof(desk, seat, case):
    shot = SimpleUploadedFile("点位截图.png", PNG, "image/png")

    answer = send(
        desk,
        "signing:send_back",
        case,
        reason="outside_street",
        proof="点位在甲街道 3 号院",
        files=shot,
    )

    case.refresh_from_db()
    event = case.events.get(action=Action.SEND_BACK)
    assert (answer.status_code, case.stage) == (302, Stage.SEND_BACK_PENDING)
    assert (event.facts["reason_label"], event.facts["proof"]) == (
        "非本辖区",
        "点位在甲街道 3 号院",
    )
    kept = case.evidence.get()
    assert (kept.name, kept.note, kept.added_by) == ("点位截图.png", "退回佐证", seat)


def test_without_reason_or_proof_nothing_goes_back(desk, case):
    answer = send(desk, "signing:send_back", case, proof="")

    case.refresh_from_db()
    assert (answer.status_code, case.stage) == (422, Stage.TO_SIGN)
    assert sentences(answer) == [
        "请从清单中选一个退回理由。", "请写明所选理由要求的佐证，平台据此裁定。",
    ]  # fmt: skip


def test_blank_proof_is_answered_with_what_the_reason_demands(desk, case):
    answer = send(desk, "signing:send_back", case, reason="repeated_order", proof="  ")

    assert (answer.status_code, sentences(answer)) == (
        422,
        ["请写明所选理由要求的佐证，平台据此裁定。"],
    )


def test_a_file_that_is_not_what_it_says_stops_the_send_back(desk, case):
    bad = SimpleUploadedFile("截图.png", b"MZ" + b"\0" * 64, "image/png")

    answer = send(desk, "signing:send_back", case, reason="other", proof="见附件", files=bad)

    case.refresh_from_db()
    assert (answer.status_code, case.stage, case.evidence.count()) == (422, Stage.TO_SIGN, 0)


@pytest.mark.parametrize(
    ("granted", "stage"),
    [("yes", Stage.SENT_BACK), ("no", Stage.TO_DISPATCH)],
    ids=["同意", "驳回"],
)
def test_the_platforms_answer_leads_on(desk, case, granted, stage):
    send(
        desk,
        "signing:send_back",
        case,
        reason="outside_duty",
        proof="目录 3.2 由区热力主管部门承办",
    )
    page = open_form(desk, "signing:answer", case).content.decode()

    answer = send(desk, "signing:answer", case, granted=granted, note="平台意见")

    case.refresh_from_db()
    assert "目录 3.2 由区热力主管部门承办" in page
    assert (answer.status_code, case.stage) == (302, stage)


def test_an_answer_must_be_one_of_the_two(desk, case):
    send(desk, "signing:send_back", case, reason="other", proof="情况说明")

    answer = send(desk, "signing:answer", case, note="没有按按钮")

    assert (answer.status_code, sentences(answer)) == (422, ["请按页面下方的一个按钮作出决定。"])
    assert Event.objects.filter(case=case, action=Action.GRANT_SEND_BACK).count() == 0
