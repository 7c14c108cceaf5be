"""``jiesu triage``: train a model on labelled messages or orders, and see how good one is. Starts no database."""

import tomllib
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jiesu.command.words import Stopped, result
from jiesu.triage import order_files, places
from jiesu.triage.learning import files, orders, samples, training, trial, units_trial
from jiesu.triage.learning.learnt import learn
from jiesu.triage.learning.measures import Floats, Measured, measure
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.orders import OTHER, UNIT
from jiesu.triage.learning.samples import Row, Sample

OFFICE = Path(__file__).resolve().parent.parent / "rulesets" / "offices" / "yangfangdian.toml"
START_DAY = 19  # of an assessment cycle, as the rule set of the office says


def train(asked: Namespace) -> int:
    """Train on a file and keep the model.

    :raises Stopped: the file cannot be used, or there is too little in it
    """
    out = asked.out or _place(asked.target)
    try:
        model = files.keep(_trained(asked.data, asked.target), out)
    except (samples.Unusable, training.TooLittle) as why:
        raise Stopped(str(why)) from None
    except OSError as broken:
        raise Stopped(f"模型写不进 {out}：{broken}。请核对路径和磁盘空间。") from None
    about = model.about
    told = {"model": str(out), "version": model.version, "labels": len(model.labels), **about}
    if asked.json:
        result(told)
    else:
        print(
            f"已训练：{about['rows']} 条（去重后 {about['groups']} 组），{len(model.labels)} 类。"
            f"没见过的 {about['tested']} 条上：准确率 {about['accuracy']:.1%}，"
            f"宏平均 F1 {about['macro_f1']:.3f}，97.5% 准确时可覆盖 {about['coverage_at_97_5']:.1%}，"
            f"校准误差 {about['ece']:.3f}。\n"
            f"模型 {model.version} 在 {out}。"
        )
    return 0


def evaluate(asked: Namespace) -> int:
    """Measure a kept model on a file, or with ``--cv`` models trained on the file's other folds.

    :raises Stopped: the file or the model cannot be used
    """
    try:
        if asked.cv:
            rows = _rows(asked.data, asked.target)
            found = samples.samples(rows)
            told, labels, model = trial.by_folds(found)
        else:
            model = files.load(asked.model or _place(asked.target))
            rows = _rows(asked.data, asked.target, model.labels)
            found = samples.samples(rows)
            labels, told = model.labels, model.probabilities([one.reading for one in found])
            told[:, [label == OTHER for label in labels]] = 0.0  # nobody is answered by that
    except (samples.Unusable, training.TooLittle, files.NoModel, files.Spoiled) as why:
        raise Stopped(str(why)) from None
    wanted = _wanted(found, asked.only)
    single, batch = trial.speed(model, rows)
    measured = _measured(told, labels, found, wanted)
    if asked.json:
        more = {} if order_files.is_lines(asked.data) else _of_orders(told, labels, found, wanted)
        result(_figures(measured, single, batch) | more)
    else:
        print(_words(measured, len(wanted), single, batch))
    return 0


def compare(asked: Namespace) -> int:
    """Measure who should lead on the last cycles of a history, beside two plain ways.

    :raises Stopped: the file or the office's file cannot be used
    """
    try:
        known = order_files.orders(asked.data, UNIT)
        since = units_trial.last_cycles(known, asked.cycles, START_DAY)
        told = units_trial.compare(known, since, _office_rules(asked.office or OFFICE))
    except (samples.Unusable, training.TooLittle) as why:
        raise Stopped(str(why)) from None
    if asked.json:
        result(told)
    else:
        print(_table(told))
    return 0


def _office_rules(file: Path) -> units_trial.Rules:
    """:raises Stopped: the file cannot be used"""
    try:
        office = tomllib.loads(file.read_text("utf-8"))
        names = {unit["code"]: unit["name"] for unit in office["units"]}
        words = {
            names[one["unit"]]: " ".join(one["categories"].values()).split()
            for one in office.get("directory", [])
        }
        duties = [(duty["category"], duty["matter"]) for duty in office.get("duties", [])]
        return units_trial.Rules(words, names[office["office"]["request_unit"]], duties)
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise Stopped(f"街道文件 {file} 用不了：{wrong}。请核对。") from None


WAYS = {
    "keywords": "派单目录关键词", "linear": "TF-IDF + 逻辑回归", "jiesu": "本产品（不看社区职责清单）",
    "jiesu_within_duty_list": "本产品（社区只在清单内主办）",
}  # fmt: skip


def _table(told: dict[str, Any]) -> str:
    def cell(value: float | None) -> str:
        return "   —  " if value is None else f"{value:6.1%}"

    lines = [
        f"学 {told['learnt']} 件，检验 {told['tested']} 件（{told['since']} 至 {told['until']}）。",
        "首选对   前三含   95%准覆盖 校准误差",
    ]
    for way, name in WAYS.items():
        figures = told["ways"][way]
        cells = (figures[key] for key in ("top1", "top3", "coverage_at_95", "ece"))
        lines.append("   ".join(map(cell, cells)) + f"   {name}")
    sure = told["sure_accuracy"]
    lines += [
        f"按模型自己的门槛（{told['threshold']}）敢说的 {told['sure']:.1%}"
        + (f"，其中对 {sure:.1%}。" if sure is not None else "。"),
        f"由别处社区主办、谁也说不出的 {told['other_communities']:.1%}；"
        f"由社区主办而不在其职责清单内的 {told['led_outside_duty_list']:.1%}。",
        "工单文件里没有协办单位，不能检验协办。",
    ]
    return "\n".join(lines)


def _trained(data: Path, target: str) -> Model:
    if order_files.is_lines(data):
        return training.train(samples.samples(samples.rows(data, target)))
    return learn(orders.lessons(order_files.orders(data, target), target))


def _rows(data: Path, target: str, labels: Sequence[str] = ()) -> Sequence[Row | orders.Lesson]:
    if order_files.is_lines(data):
        return samples.rows(data, target)
    return orders.lessons(order_files.orders(data, target), target, labels)


def _of_orders(
    told: Floats, labels: tuple[str, ...], found: list[Sample], wanted: list[int]
) -> dict[str, float]:
    figures = units_trial.figures(told[wanted], labels, np.array([found[i].label for i in wanted]))
    return {name: value or 0.0 for name, value in figures.items() if name != "ece"}


def _place(target: str) -> Path:
    try:
        return places.model(target)
    except ValueError as wrong:
        raise Stopped(str(wrong)) from None


def _wanted(found: list[Sample], only: str | None) -> list[int]:
    kinds = {"text": {True}, "words": {False}}.get(only or "", {True, False})
    wanted = [i for i, sample in enumerate(found) if sample.natural in kinds]
    if not wanted:
        raise Stopped(f"数据里没有带 {only} 的行，请去掉 --only 再运行。")
    return wanted


def _measured(
    told: Floats, labels: tuple[str, ...], found: list[Sample], wanted: list[int]
) -> Measured:
    return measure(told[np.array(wanted)], labels, [found[i].label for i in wanted])


def _figures(measured: Measured, single: float, batch: float) -> dict[str, Any]:
    return {
        "accuracy": round(measured.accuracy, 4),
        "macro_f1": round(measured.macro_f1, 4),
        "top2": round(measured.top2, 4),
        "coverage_at_97_5": round(measured.coverage_at_97_5, 4),
        "ece": round(measured.ece, 4),
        "ms_single_p95": round(single, 2),
        "per_second_batch": round(batch, 1),
    }


def _words(measured: Measured, rows: int, single: float, batch: float) -> str:
    classes = [f"{label}  F1 {f1:.3f}  {n} 条" for label, (f1, n) in measured.by_class.items()]
    return "\n".join(
        [
            f"{rows} 条：准确率 {measured.accuracy:.1%}，宏平均 F1 {measured.macro_f1:.4f}，"
            f"前两名含正确答案 {measured.top2:.1%}",
            f"97.5% 准确时可覆盖 {measured.coverage_at_97_5:.1%}，校准误差 {measured.ece:.4f}",
            f"单条 {single:.1f} 毫秒（95% 的不超过），成批每秒 {batch:.0f} 条",
            "",
            *classes,
        ]
    )
