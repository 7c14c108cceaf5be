"""``jiesu due`` as an operator and a program meet it: one question, many questions, wrong words; no database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jiesu.catalogue.shipped import work_calendar
from jiesu.command import due_batch

HOURS = "09:00-12:00,13:30-17:30"
ASKED = ["--start", "2026-09-30T16:00", "--limit", "72h"]
CSV = """日期,名称,是否放假
2027-01-01,元旦,1
2027-02-06,春节,1
2027-04-05,清明节,1
2027-05-01,劳动节,1
2027-06-09,端午节,1
2027-09-15,中秋节,1
2027-10-01,国庆节,1
"""


def due(folder: Path, *words: str, told: str = "") -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "JIESU_DATA"}}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "jiesu", "due", *words], input=told, check=False,
        env=env | {"JIESU_DATA": str(folder / "data")}, capture_output=True, text=True,
    )  # fmt: skip


def line(**asked: object) -> str:
    return json.dumps({"start": "2026-09-30T16:00", "limit_hours": 72, "count": "workday"} | asked)


def answered(asked: str) -> dict[str, object]:
    text, _ = due_batch.answer(asked.encode(), work_calendar())
    return json.loads(text)


def test_one_answer_is_one_line_of_json(tmp_path):
    ran = due(tmp_path, *ASKED, "--count", "workday", "--json")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert json.loads(ran.stdout) == {
        "due": "2026-10-10T16:00",
        "spans": [
            {"from": "2026-09-30T16:00", "to": "2026-10-01T00:00", "counted": True, "why": "工作日"},
            {"from": "2026-10-01T00:00", "to": "2026-10-08T00:00", "counted": False, "why": "国庆节放假"},
            {"from": "2026-10-08T00:00", "to": "2026-10-10T00:00", "counted": True, "why": "工作日"},
            {"from": "2026-10-10T00:00", "to": "2026-10-10T16:00", "counted": True, "why": "调休上班"},
        ],
    }  # fmt: skip
    assert ran.stdout.count("\n") == 1


def test_it_answers_alone_and_leaves_nothing_behind(tmp_path):
    ran = due(tmp_path, *ASKED)

    assert (ran.stdout, ran.stderr) == ("2026-10-03T16:00\n", "")
    assert list(tmp_path.iterdir()) == []


def test_neither_django_nor_the_database_is_waited_for():
    code = (
        "import sys; from jiesu.__main__ import main; main(sys.argv[1:]); "
        "print([m for m in ('django', 'psycopg', 'psutil') if m in sys.modules])"
    )
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    ran = subprocess.run(
        [sys.executable, "-c", code, "due", *ASKED], capture_output=True, text=True, check=True,
        env=env | {"JIESU_DATA": "/nonexistent/data"},
    )  # fmt: skip

    assert ran.stdout.splitlines() == ["2026-10-03T16:00", "[]"]


def test_the_explanation_can_be_read_out(tmp_path):
    ran = due(tmp_path, *ASKED, "--count", "service", "--hours", HOURS, "--explain",
              "--pause", "2026-10-08T09:00/2026-10-08T12:00")  # fmt: skip
    lines = ran.stdout.splitlines()

    # 30日1.5、8日下午5.5、9日12.5、10日19.5、12至16日54.5、19日61.5、20日68.5、21日还差3.5
    assert lines[0] == "2026-10-21T14:00"
    assert "2026-10-08T09:00 → 2026-10-08T12:00  不计  暂停" in lines
    assert "时限 72 小时，按服务时间计（工作日 09:00–12:00、13:30–17:30）。" in lines


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["--limit", "90m"], "2026-09-30T17:30", id="分钟"),
        pytest.param(["--limit", "90min"], "2026-09-30T17:30", id="min"),
        pytest.param(["--limit", "1.5h"], "2026-09-30T17:30", id="小数小时"),
        pytest.param(["--limit", "1h30m"], "2026-09-30T17:30", id="小时加分钟"),
        pytest.param(["--limit", "3d"], "2026-10-03T16:00", id="天是24小时"),
        pytest.param(["--limit", "45s"], "2026-09-30T16:00:45", id="有秒才写秒"),
        pytest.param(["--start", "2026-09-30T08:00Z"], "2026-10-03T16:00", id="世界时换成北京时间"),
        pytest.param(["--start", "2026-09-30T09:00+01:00"], "2026-10-03T16:00", id="别处的时间"),
        pytest.param(["--start", "2026年9月30日 16:00"], "2026-10-03T16:00", id="中文写法"),
        pytest.param(["--pause", "2026-10-01/2026-10-02"], "2026-10-04T16:00", id="按天停"),
        pytest.param(["--pause", "2026/10/01 00:00/2026/10/02 00:00"], "2026-10-04T16:00", id="斜杠日期"),
        pytest.param(["--pause", "2026-10-01T00:00/2026-10-01T24:00"], "2026-10-04T16:00", id="到24点"),
        pytest.param(["--pause", "2026-10-01/2026-10-02", "--pause", "2026-10-01T12:00/2026-10-02T12:00"],
                     "2026-10-05T04:00", id="两段重叠"),
        pytest.param(["--pause", "2026-10-01/"], "暂停还没有恢复，恢复后才能算出截止时间", id="没有恢复"),
    ],
)  # fmt: skip
def test_ways_to_write_it(tmp_path, words, expected):
    ran = due(tmp_path, *ASKED, *words)

    assert (ran.stdout, ran.stderr) == (expected + "\n", "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["--start", "昨天"], "--start“昨天”看不懂", id="开始"),
        pytest.param(["--start", "2026-02-30"], "没有这一天", id="没有这天"),
        pytest.param(["--start", "1926-02-03"], "不在 2000 年至 2099 年之间", id="年份"),
        pytest.param(["--limit", "三天"], "时限“三天”看不懂", id="时限"),
        pytest.param(["--limit", "72"], "时限“72”看不懂", id="时限没写单位"),
        pytest.param(["--count", "service"], "要写明服务时间", id="缺服务时间"),
        pytest.param(["--count", "service", "--hours", "9点"], "服务时间“9点”看不懂", id="服务时间"),
        pytest.param(["--pause", "2026-10-02"], "暂停“2026-10-02”看不懂", id="暂停只有一头"),
        pytest.param(["--pause", "2026-10-02/2026-10-01"], "结束早于开始", id="暂停颠倒"),
        pytest.param(["--count", "workday", "--start", "2027-01-04T09:00"], "还没有2027年的放假调休安排", id="没有安排"),
        pytest.param(["--holidays", "nowhere.csv"], "读不到节假日文件 nowhere.csv", id="没有文件"),
        pytest.param(["--batch", "nowhere.jsonl"], "读不到文件 nowhere.jsonl", id="没有题"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_said_in_one_sentence(tmp_path, words, told):
    ran = due(tmp_path, *ASKED, "--json", *words)

    assert ran.returncode == 1
    assert told in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert json.loads(ran.stdout) == {"error": ran.stderr.strip()}


def test_without_a_question_it_says_what_to_write(tmp_path):
    ran = due(tmp_path)

    assert (ran.returncode, ran.stdout) == (1, "")
    assert "请写明 --start 开始时间和 --limit 时限" in ran.stderr


def test_a_file_of_holidays_adds_a_year(tmp_path):
    (tmp_path / "2027.csv").write_text(CSV)

    ran = due(tmp_path, "--start", "2026-12-31T12:00", "--limit", "24h", "--count", "workday",
              "--holidays", str(tmp_path / "2027.csv"))  # fmt: skip

    assert ran.stdout == "2027-01-04T12:00\n"  # 1日元旦，2、3日周末


def test_a_batch_keeps_order_and_keys_and_goes_on_after_a_bad_line(tmp_path):
    lines = [
        line(id="甲", note="原样"),
        "{不是JSON",
        line(limit_hours="三天"),
        line(count="calendar", pauses=[["2026-10-01T00:00", None]]),
        line(count="service", hours=HOURS, limit_hours=24, pauses=[]),
    ]

    ran = due(tmp_path, "--batch", "-", told="\n".join(lines))
    out = ran.stdout.splitlines()

    assert ran.returncode == 1
    assert "共 5 行，2 行没有算出来" in ran.stderr
    assert out[0] == (
        '{"start": "2026-09-30T16:00", "limit_hours": 72, "count": "workday", "id": "甲", '
        '"note": "原样", "due": "2026-10-10T16:00"}'
    )
    assert [json.loads(text)["due"] for text in out] == [
        "2026-10-10T16:00", None, None, None, "2026-10-12T10:30",
    ]  # fmt: skip
    assert ["error" in json.loads(text) for text in out] == [False, True, True, False, False]


def test_a_batch_that_was_all_answered_ends_well(tmp_path):
    (tmp_path / "asked.jsonl").write_text(line() + "\n\n" + line(count="calendar") + "\n")

    ran = due(tmp_path, "--batch", str(tmp_path / "asked.jsonl"))

    assert (ran.returncode, ran.stderr) == (0, "")
    assert [json.loads(text)["due"] for text in ran.stdout.splitlines()] == [
        "2026-10-10T16:00", "2026-10-03T16:00",
    ]  # fmt: skip


def test_many_pieces_come_back_in_order(tmp_path, monkeypatch, capfdbinary):
    monkeypatch.setattr(due_batch, "PIECE", 200)
    asked = tmp_path / "asked.jsonl"
    asked.write_text("".join(line(id=i, limit_hours=i % 400) + "\n" for i in range(300)))

    status = due_batch.run(str(asked), work_calendar())
    out = [json.loads(text) for text in capfdbinary.readouterr().out.splitlines()]

    assert status == 0
    assert [one["id"] for one in out] == list(range(300))
    assert out[72]["due"] == "2026-10-10T16:00"


@pytest.mark.parametrize(
    "hours",
    ["09:00-12:00,13:30-17:30", ["09:00-12:00", "13:30-17:30"], [["09:00", "12:00"], ["13:30", "17:30"]]],
)  # fmt: skip
def test_hours_may_come_as_text_or_as_pieces(hours):
    found = answered(line(count="service", limit_hours=4, hours=hours))

    assert found["due"] == "2026-10-08T11:30"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        pytest.param("[1]", "不是一个 JSON 对象", id="不是对象"),
        pytest.param(line(start=None), "缺少 start", id="缺开始"),
        pytest.param(line(start="昨天"), "start“昨天”看不懂", id="开始看不懂"),
        pytest.param(line(limit_hours=None), "缺少 limit_hours", id="缺时限"),
        pytest.param(line(limit_hours=True), "不是数", id="时限是真假"),
        pytest.param(line(limit_hours=float("nan")), "不是数", id="时限不是数"),
        pytest.param(line(limit_hours=-1), "不能是负数", id="时限为负"),
        pytest.param(line(count="lunar"), "count 要写", id="计时方式"),
        pytest.param(line(count=["workday"]), "count 要写", id="计时方式不是文字"),
        pytest.param(line(count="service"), "要写明服务时间", id="缺服务时间"),
        pytest.param(line(hours=9), "hours 要写成", id="服务时间不是文字"),
        pytest.param(line(pauses="x"), "pauses 里每段", id="暂停不是列表"),
        pytest.param(line(pauses=[["2026-10-01"]]), "pauses 里每段", id="暂停缺一头"),
        pytest.param(line(pauses=[["2026-10-02", "2026-10-01"]]), "结束早于开始", id="暂停颠倒"),
        pytest.param(line(start="2027-03-01"), "还没有2027年", id="没有安排"),
        pytest.param("9" * 5000, "不是有效的 JSON", id="数太长"),
    ],
)
def test_a_line_that_cannot_be_answered_says_why(asked, told):
    found = answered(asked)

    assert (found["due"], told in str(found["error"])) == (None, True)


def test_half_a_surrogate_pair_does_not_stop_the_batch():
    assert answered('{"start": "2026-09-30T16:00", "limit_hours": 1, "note": "\\ud800"}')[
        "due"
    ] == ("2026-09-30T17:00")
