"""The import on the page: drop a file, see what it would do, confirm, take the refused rows home."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob
from python_calamine import CalamineWorkbook

from jiesu.cases.models import Case
from jiesu.desk.jobs import hand_on
from jiesu.intake.models import Batch, BatchState
from tests.factories.files import row, workbook


def work_off_the_queue():
    """Do what the worker would, in order, until nothing is left."""
    while job := ProcrastinateJob.objects.order_by("id").first():
        ProcrastinateJob.objects.filter(pk=job.pk).delete()
        hand_on(**job.args)


@pytest.fixture
def page(browser_of, seat):
    return browser_of(seat)


@pytest.fixture
def upload(page, tmp_path):
    def upload(*rows, name="导出.xlsx"):
        data = workbook(tmp_path / "up.xlsx", rows).read_bytes()
        answer = page.post(reverse("intake:home"), {"files": SimpleUploadedFile(name, data)})
        return Batch.objects.latest("id"), answer

    return upload


def test_a_dropped_file_is_tried_confirmed_and_imported(page, upload):
    batch, answer = upload(row(1), row(2, 派单时间="昨天"))
    assert answer.url == reverse("intake:batch", args=[batch.pk])
    assert "正在试读" in page.get(answer.url).content.decode()

    work_off_the_queue()
    tried = page.get(answer.url).content.decode()
    assert "还没有导入" in tried
    assert "确认导入 1 行" in tried
    assert Case.objects.count() == 0

    page.post(reverse("intake:confirm", args=[batch.pk]))
    page.post(reverse("intake:confirm", args=[batch.pk]))
    work_off_the_queue()
    done = page.get(answer.url).content.decode()
    assert "已导入" in done
    assert "昨天" in done
    assert Case.objects.count() == 1


def test_refused_rows_come_back_with_the_reason_in_the_last_column(page, upload):
    batch, _ = upload(row(1), row(2, 派单时间="昨天", 标题="=1+1"))
    page.post(reverse("intake:confirm", args=[batch.pk]))
    work_off_the_queue()
    page.post(reverse("intake:confirm", args=[batch.pk]))
    work_off_the_queue()

    answer = page.get(reverse("intake:refused", args=[batch.pk]))
    sheet = CalamineWorkbook.from_filelike(_file(answer)).get_sheet_by_index(0).to_python()

    assert sheet[0][-1] == "未收原因"
    assert sheet[1][0] == "热线-261019-000002"
    assert "=1+1" in sheet[1]
    assert "昨天" in sheet[1][-1]
    assert len(sheet) == 2


def test_the_original_comes_back_byte_for_byte(page, upload, tmp_path):
    batch, _ = upload(row(1))

    answer = page.get(reverse("intake:original", args=[batch.pk]))

    assert b"".join(answer.streaming_content) == (tmp_path / "up.xlsx").read_bytes()
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_tried_file_can_be_given_up(page, upload):
    batch, _ = upload(row(1))
    work_off_the_queue()

    page.post(reverse("intake:discard", args=[batch.pk]))

    assert not Batch.objects.exists()


def test_an_imported_file_cannot_be_given_up(page, upload):
    batch, _ = upload(row(1))
    work_off_the_queue()
    page.post(reverse("intake:confirm", args=[batch.pk]))
    work_off_the_queue()

    page.post(reverse("intake:discard", args=[batch.pk]))

    assert Batch.objects.get().state == BatchState.DONE


def test_a_file_that_cannot_be_read_says_what_to_do(page):
    page.post(reverse("intake:home"), {"files": SimpleUploadedFile("x.pdf", b"%PDF-1.7 ...")})
    work_off_the_queue()

    batch = Batch.objects.get()
    said = page.get(reverse("intake:batch", args=[batch.pk])).content.decode()

    assert batch.state == BatchState.FAILED
    assert "PDF" in said


@pytest.mark.parametrize("data", [{}, {"files": SimpleUploadedFile("x.xlsx", b"")}])
def test_no_file_or_an_empty_one_is_told(page, data):
    answer = page.post(reverse("intake:home"), data)

    assert answer.status_code == 422
    assert not Batch.objects.exists()


@pytest.mark.parametrize("role", ["handler", "head", "leader", "analyst", "reviewer", "system"])
def test_only_seats_import(browser_of, member, role):
    page = browser_of(member(role))

    assert page.get(reverse("intake:home")).status_code == 403
    assert page.post(reverse("intake:home")).status_code == 403


def _file(answer):
    return io.BytesIO(b"".join(answer.streaming_content))
