"""The ``jiesu`` command as an operator meets it: words, exit status, the last line for a program."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiesu.catalogue.actions import DEFAULT_OFFICE
from tests.journeys.served import Product, product

ROWS = "编号,派单时间,标题\n热线-261101-000001,2026-11-01 09:00:00,楼道灯不亮\n"


@pytest.fixture(scope="module")
def folder() -> Iterator[Product]:
    """An empty data folder with nothing running on it."""
    with product() as empty:
        yield empty


@pytest.fixture(scope="module")
def other_street(folder: Product) -> Path:
    """The office file of a second street."""
    written = folder.folder.parent / "other.toml"
    text = DEFAULT_OFFICE.read_text()
    written.write_text(text.replace('"110108003"', '"110108099"').replace("羊坊店街道", "另一街道"))
    return written


@pytest.fixture(scope="module")
def orders(folder: Product) -> Path:
    written = folder.folder.parent / "orders.csv"
    written.write_text(ROWS)
    return written


def last_line(ran: subprocess.CompletedProcess[str]) -> dict[str, object]:
    return json.loads(ran.stdout.splitlines()[-1])


def test_help_is_chinese_and_needs_no_data_folder(folder):
    ran = folder.do("--help")

    assert ran.returncode == 0
    assert ran.stdout.startswith("用法：jiesu")
    assert [
        verb for verb in ("run", "stop", "init", "import") if f"    {verb} " not in ran.stdout
    ] == []
    assert [word for word in ("usage", "options", "show this") if word in ran.stdout] == []
    assert list(folder.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["fly"], "没有“fly”", id="没有这个命令"),
        pytest.param([], "缺少参数：命令", id="没写命令"),
        pytest.param(["import", "orders"], "缺少参数：文件", id="没写文件"),
        pytest.param(["stop", "--fast"], "不认识的参数：--fast", id="没有这个选项"),
    ],
)
def test_wrong_words_are_refused_in_chinese(folder, words, told):
    ran = folder.do(*words, check=False)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert told in ran.stderr
    assert "--help 看用法" in ran.stderr


def test_a_database_that_does_not_answer_is_told_for_people_and_programs(folder):
    away = {**folder.env, "DATABASE_URL": "postgresql://127.0.0.1:1/jiesu"}

    ran = subprocess.run(
        folder.command("import", "orders", "x.xlsx", "--json"),
        env=away, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 1
    assert "请核对 DATABASE_URL" in str(last_line(ran)["error"])
    assert "请核对 DATABASE_URL" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_data_folder_from_its_first_command_to_a_second_street(folder, other_street, orders):
    first, again = folder.do("init"), folder.do("init")

    assert "已建立羊坊店街道：12 个单位、31 个社区。" in first.stderr
    assert "初始密码在" in first.stderr
    assert (again.stdout, again.stderr) == ("", "")
    password = folder.folder / "first-password.txt"
    assert (password.stat().st_mode & 0o777, len(password.read_text().splitlines())) == (0o600, 3)

    missing = folder.do("import", "orders", "missing.xlsx", "--json", check=False)

    assert missing.returncode == 1
    assert last_line(missing) == {"error": "找不到文件：missing.xlsx"}

    taken = folder.do("import", "orders", str(orders), "--json")

    assert (last_line(taken)["rows"], last_line(taken)["new"]) == (1, 1)
    assert "已导入 orders.csv：共 1 行，新增 1" in taken.stderr

    folder.do("init", "--office", str(other_street))
    unnamed = folder.do("import", "orders", str(orders), "--json", check=False)

    assert unnamed.returncode == 1
    assert last_line(unnamed) == {
        "error": "本机有多个街道：羊坊店街道（110108003）、另一街道（110108099）。请用 --street 写明代码。"
    }

    named = folder.do("import", "orders", str(orders), "--street", "110108099", "--json")

    assert last_line(named)["new"] == 1


def test_an_office_file_that_is_not_there_is_told(folder):
    ran = folder.do("init", "--office", "nowhere.toml", check=False)

    assert ran.returncode == 1
    assert "读不到街道文件 nowhere.toml" in ran.stderr


def test_an_address_that_cannot_be_read_is_told(folder):
    wrong = {**folder.env, "JIESU_ADDRESS": "8000"}

    ran = subprocess.run(
        folder.command("init"), env=wrong, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 1
    assert "请写成 127.0.0.1:8000" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_stop_ends_the_database_and_may_be_said_twice(folder):
    first, again = folder.do("stop"), folder.do("stop")

    assert [ran.stderr for ran in (first, again)] == ["已停止。\n"] * 2
    assert not (folder.folder / "pg" / "postmaster.pid").exists()
