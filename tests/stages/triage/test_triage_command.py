"""``jiesu triage`` as an operator and a program meet it; no database."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jiesu.__main__ import main
from tests.stages.triage import made_up

FIGURES = {"accuracy", "macro_f1", "top2", "coverage_at_97_5", "ece", "ms_single_p95", "per_second_batch"}  # fmt: skip


def triage(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "JIESU_DATA"}}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "jiesu", "triage", *map(str, words)], check=False,
        env=env | {"JIESU_DATA": str(folder / "data")}, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("triage")
    file = made_up.write(folder / "train.jsonl", made_up.rows(200, wrong=0.05))
    ran = triage(folder, "train", "--data", file, "--target", "label")
    return folder, ran


def test_training_says_what_came_of_it_and_starts_no_database(trained):
    folder, ran = trained

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "已训练：200 条" in ran.stdout
    assert [str(p.relative_to(folder / "data")) for p in (folder / "data").rglob("*")] == [
        "triage",
        "triage/label.model",
    ]


@pytest.fixture
def ask(capsys, monkeypatch):
    """Run the command in this process, on a data folder; returns its status and what it printed."""

    def run(folder: Path, *words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setenv("JIESU_DATA", str(folder / "data"))
        status = main(["triage", *map(str, words)])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


def test_evaluating_finds_the_model_and_prints_exactly_the_figures(trained, ask):
    folder, _ = trained
    file = folder / "held.jsonl.gz"
    plain = made_up.write(folder / "held.jsonl", made_up.rows(120, seed=9)).read_bytes()
    file.write_bytes(gzip.compress(plain))

    status, out, err = ask(folder, "evaluate", "--data", file, "--json")
    told = json.loads(out)

    assert (status, err) == (0, "")
    assert set(told) == FIGURES
    assert told["accuracy"] > 0.95
    assert all(0 <= told[name] <= 1 for name in FIGURES - {"ms_single_p95", "per_second_batch"})
    assert told["ms_single_p95"] > 0 < told["per_second_batch"]


def test_what_else_stands_in_a_row_and_what_was_never_taught_stop_nothing(trained, ask):
    folder, _ = trained
    rows = made_up.rows(80, seed=11)
    rows += [{"label": "供暖", "text": ""}, {"label": "供暖", "words": " ", "text": None}]
    rows += [
        {"label": "养老", "text": "老年餐桌什么时候开", "uid": 7, "spans": [[1]]},
        {"label": None, "text": "无"},
    ]
    file = made_up.write(folder / "odd.jsonl", rows)

    status, out, err = ask(folder, "evaluate", "--data", file, "--json")
    again, _, _ = ask(folder, "train", "--data", file, "--out", folder / "odd.model")

    assert (status, err, again) == (0, "", 0)
    assert 0.9 < json.loads(out)["accuracy"] < 1


def test_training_again_makes_the_same_model(trained, ask):
    folder, _ = trained

    ask(folder, "train", "--data", folder / "train.jsonl", "--out", folder / "again.model")

    kept = (folder / "data" / "triage" / "label.model").read_bytes()
    assert (folder / "again.model").read_bytes() == kept


def test_by_folds_it_needs_no_model_and_no_row_sees_its_own_label(tmp_path, ask):
    file = made_up.write(tmp_path / "train.jsonl", made_up.rows(120, wrong=0.5))

    _, out, _ = ask(tmp_path, "evaluate", "--data", file, "--cv", "--only", "words", "--json")

    assert set(json.loads(out)) == FIGURES
    assert json.loads(out)["accuracy"] < 0.8  # of half the labels three in four are wrong
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "没有一行带"),
        ("[1]", "第 1 行不是一个 JSON 对象"),
        ('{"label": "供暖"}', "第 1 行既没有 text 也没有 words"),
    ],
)
def test_a_file_that_cannot_be_used_is_said(tmp_path, ask, line, says):
    (tmp_path / "bad.jsonl").write_text(line + "\n")

    status, out, _ = ask(tmp_path, "train", "--data", tmp_path / "bad.jsonl", "--json")

    assert status == 1
    assert says in json.loads(out)["error"]


def test_without_a_model_it_says_how_to_make_one(tmp_path, ask):
    file = made_up.write(tmp_path / "some.jsonl", made_up.rows(8))

    status, _, err = ask(tmp_path, "evaluate", "--data", file)

    assert status == 1
    assert "请先运行 jiesu triage train" in err


@pytest.mark.parametrize("target", ["../label", "", "a/b"])
def test_a_target_cannot_leave_the_folder(tmp_path, ask, target):
    file = made_up.write(tmp_path / "some.jsonl", made_up.rows(8))

    status, _, err = ask(tmp_path, "train", "--data", file, "--target", target)

    assert status == 1
    assert "不能作模型的名字" in err
