"""``jiesu triage``: train a model on labelled messages, and see how good one is. Starts no database."""

from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np

from jiesu.command.words import Stopped, result
from jiesu.triage import places
from jiesu.triage.learning import files, samples, training, trial
from jiesu.triage.learning.measures import Floats, Measured, measure
from jiesu.triage.learning.samples import Sample


def train(asked: Namespace) -> int:
    """Train on a file and keep the model.

    :raises Stopped: the file cannot be used, or there is too little in it
    """
    out = asked.out or _place(asked.target)
    try:
        found = samples.samples(samples.rows(asked.data, asked.target))
        model = files.keep(training.train(found), out)
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
            f"没见过的内容上：准确率 {about['accuracy']:.1%}，宏平均 F1 {about['macro_f1']:.3f}，"
            f"97.5% 准确时可覆盖 {about['coverage_at_97_5']:.1%}，校准误差 {about['ece']:.3f}。\n"
            f"模型 {model.version} 在 {out}。"
        )
    return 0


def evaluate(asked: Namespace) -> int:
    """Measure a kept model on a file, or with ``--cv`` models trained on the file's other folds.

    :raises Stopped: the file or the model cannot be used
    """
    try:
        rows = samples.rows(asked.data, asked.target)
        found = samples.samples(rows)
        if asked.cv:
            told, labels, model = trial.by_folds(found)
        else:
            model = files.load(asked.model or _place(asked.target))
            labels, told = model.labels, model.probabilities([one.reading for one in found])
    except (samples.Unusable, training.TooLittle, files.NoModel, files.Spoiled) as why:
        raise Stopped(str(why)) from None
    wanted = _wanted(found, asked.only)
    single, batch = trial.speed(model, rows)
    measured = _measured(told, labels, found, wanted)
    if asked.json:
        result(_figures(measured, single, batch))
    else:
        print(_words(measured, len(wanted), single, batch))
    return 0


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
