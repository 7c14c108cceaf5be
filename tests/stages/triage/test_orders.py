"""Orders teach who leads: a community as the community of the place, the class beside the text."""

import csv
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from jiesu.__main__ import main
from jiesu.triage.learning import samples
from jiesu.triage.learning.learnt import learn
from jiesu.triage.learning.orders import CATEGORY, OTHER, OWN, UNIT, Order, answer, lessons
from jiesu.triage.learning.training import Weighing, train
from jiesu.triage.learning.units_trial import last_cycles
from tests.stages.triage import made_up

UNITS = {"供暖": "民生保障办公室", "停车": "城市管理办公室", "噪声": "", "工资": "民生保障办公室"}
PLACES = ("西木楼社区", "茂林居社区", "永红社区")
FIRST = datetime(2026, 6, 19, 8, tzinfo=UTC)


def orders(count: int) -> list[Order]:
    """Made-up orders, two a day: noise is led by the community of the place, the rest by two offices."""
    chance = random.Random(7)
    made = []
    for n in range(count):
        matter = list(made_up.MATTERS)[n % 4]
        community = chance.choice(PLACES)
        made.append(
            Order(
                title=f"{matter}问题", content=made_up.message(matter, chance),
                category=("诉求", matter) if n % 5 else (), community=community,
                unit=UNITS[matter] or community, unit_is_community=not UNITS[matter],
                at=FIRST + timedelta(hours=12 * n),
            )
        )  # fmt: skip
    return made


def write(path: Path, found: list[Order]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["工单编号", "标题", "主要内容", "问题分类", "社区", "派单时间", "承办单位"])
        for n, one in enumerate(found):
            lines.writerow([f"热线-260619-{n:06}", one.title, one.content, ">".join(one.category),
                            one.community, f"{one.at:%Y-%m-%d %H:%M:%S}", one.unit])  # fmt: skip
    return path


@pytest.mark.parametrize(
    ("order", "label"),
    [
        (Order("", "", unit="综合办公室"), "综合办公室"),
        (Order("", "", community="永红社区", unit="永红社区", unit_is_community=True), OWN),
        (Order("", "", community="永红社区", unit="茂林居社区", unit_is_community=True), OTHER),
        (Order("", "", community="永红社区"), ""),
    ],
)
def test_a_community_is_that_of_the_place_or_another(order, label):
    assert answer(order, UNIT) == label


def test_a_rare_class_is_taken_for_the_one_above_it():
    many = [Order("a", "", category=("住房", "物业管理", "电梯")) for _ in range(25)]
    few = [
        Order("b", "", category=("住房", "物业管理", "门禁")),
        Order("c", "", category=("水务",)),
    ]

    taught = lessons(many + few, CATEGORY)
    asked = lessons(few, CATEGORY, labels=["住房", "水务"])

    assert {one.order.title: one.label for one in taught} == {
        "a": "住房>物业管理>电梯", "b": "住房>物业管理", "c": "水务",
    }  # fmt: skip
    assert [one.label for one in asked] == ["住房", "水务"]


def test_the_class_speaks_beside_the_text_and_is_a_reason():
    taught = [
        Order("问题", f"请处理{n}号反映的事", ("住房",) if n % 2 else ("水务",), unit="甲" if n % 2 else "乙")
        for n in range(60)
    ]  # fmt: skip
    model = learn(lessons(taught, UNIT))

    told = model.suggest(Order("问题", "请处理反映的事", ("水务",)).read(UNIT))

    assert told.label == "乙"
    assert told.reasons[0].word == "分类：水务"
    assert model.suggest(Order("问题", "请处理反映的事", ("住房",)).read(UNIT)).label == "甲"


def test_a_louder_class_keeps_a_text_that_says_nothing_quiet():
    chance, signs = random.Random(5), [chr(0x4E00 + n) for n in range(400)]
    found = [
        Order("问题", "".join(chance.choices(signs, k=60)), ("诉求", "子丑寅卯"[n % 4]),
              unit=chance.choice("甲乙丙丁") if n % 7 == 0 else "甲乙丙丁"[n % 4])
        for n in range(480)
    ]  # fmt: skip
    taught = samples.samples(lessons(found[:400], UNIT))
    asked = [one.read(UNIT) for one in found[400:]]

    def spread(weighing: Weighing) -> float:
        model = train(taught, weighings=(weighing,), ahead=True)
        told = model.probabilities(asked)
        assert [model.labels[i] for i in told.argmax(axis=1)] == list("甲乙丙丁") * 20
        return told[::4].max(axis=1).std()

    assert spread(Weighing(30, marks=10)) < 0.7 * spread(Weighing(10))


def test_what_a_model_says_of_itself_it_did_not_know_yet():
    chance, made = random.Random(3), orders(200)
    late = [
        replace(one, unit=chance.choice([*UNITS.values(), "综合办公室"]) or "综合办公室")
        for one in made[120:]
    ]
    found = lessons(made[:120] + [replace(one, unit_is_community=False) for one in late], UNIT)

    model = learn(found)

    assert model.about["tested"] == 160
    assert model.about["accuracy"] < 0.9  # later anybody got anything
    assert model.threshold == float("inf")
    assert len(samples.samples(found)) == model.about["rows"] == 200


@pytest.mark.parametrize(
    ("newest", "count", "since"),
    [("2026-09-18", 3, "2026-06-19"), ("2026-09-19", 1, "2026-09-19"), ("2026-01-05", 2, "2025-11-19")],
)  # fmt: skip
def test_cycles_begin_on_their_day(newest, count, since):
    order = Order("", "", at=datetime.fromisoformat(f"{newest}T12:00:00+08:00"))

    assert last_cycles([order], count, 19).date().isoformat() == since


def test_an_order_file_trains_evaluates_and_compares(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path / "data"))
    file = write(tmp_path / "history.csv", orders(240))

    def run(verb: str, *words: str) -> dict:
        assert (
            main(["triage", verb, "--data", str(file), "--target", "unit", "--json", *words]) == 0
        )
        return json.loads(capsys.readouterr().out)

    trained = run("train")
    evaluated = run("evaluate")
    compared = run("compare", "--cycles", "2")

    assert (trained["rows"], trained["labels"]) == (240, 3)
    assert evaluated["accuracy"] > 0.95
    assert evaluated["top3"] == 1.0
    assert (compared["learnt"], compared["tested"]) == (122, 118)  # since 19 August
    ours, barred = compared["ways"]["jiesu"], compared["ways"]["jiesu_within_duty_list"]
    assert ours["top1"] > 0.95
    assert compared["led_outside_duty_list"] == pytest.approx(
        1 / 4, abs=0.01
    )  # noise is on no list
    assert barred["top1"] == pytest.approx(ours["top1"] - 1 / 4, abs=0.02)
    assert np.isfinite(compared["ways"]["linear"]["ece"])


def test_an_order_file_teaches_nothing_else(tmp_path, capsys):
    file = write(tmp_path / "history.csv", orders(4))

    status = main(["triage", "train", "--data", str(file), "--target", "mood"])

    assert status == 1
    assert "unit（主办单位）" in capsys.readouterr().err
