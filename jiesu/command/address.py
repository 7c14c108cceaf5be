"""``jiesu triage address``: train a tagger of addresses on marked ones, and see how good one is. No database."""

from argparse import Namespace
from pathlib import Path
from time import perf_counter

from jiesu.command.words import Stopped, result, say
from jiesu.core import environment
from jiesu.triage.addresses import files, measures, samples, training
from jiesu.triage.addresses.samples import Marked, Span


def train(asked: Namespace) -> int:
    """Train on a file and keep the tagger.

    :raises Stopped: the file cannot be used, or there is too little in it
    """
    out = asked.out or _place()
    try:
        found = samples.read(asked.data, asked.split)
        tagger = files.keep(training.train(found, tell=say), out)
    except (samples.Unusable, training.TooLittle) as why:
        raise Stopped(str(why)) from None
    except OSError as broken:
        raise Stopped(f"模型写不进 {out}：{broken}。请核对路径和磁盘空间。") from None
    told = {
        "model": str(out),
        "version": tagger.version,
        "kinds": len(tagger.kinds),
        **tagger.about,
    }
    told["bytes"] = out.stat().st_size
    if asked.json:
        result(told)
    else:
        print(
            f"已训练：{told['rows']} 条地址，{told['kinds']} 种部分。模型 {tagger.version} 在 {out}，"
            f"{told['bytes'] / 2**20:.0f} MB。"
        )
    return 0


def evaluate(asked: Namespace) -> int:
    """Measure a kept tagger on a file.

    :raises Stopped: the file or the model cannot be used
    """
    try:
        found = samples.read(asked.data, asked.split)
        tagger = files.load(asked.model or _place())
    except (samples.Unusable, files.NoModel, files.Spoiled) as why:
        raise Stopped(str(why)) from None
    answers, took = [], []
    for one in found:
        started = perf_counter()
        answers.append(tagger.parts(one.text))
        took.append(perf_counter() - started)
    measured = measures.measure(found, answers)
    if asked.json:
        result(_figures(measured, found, answers, took))
    else:
        kinds = [f"{kind}  F1 {f1:.3f}  {n} 处" for kind, (f1, n) in measured.by_kind.items()]
        print(
            f"{len(found)} 条地址：微平均 F1 {measured.micro_f1:.4f}（准 {measured.precision:.4f}，"
            f"全 {measured.recall:.4f}），每条 {1000 * sum(took) / len(took):.1f} 毫秒\n"
            + "\n".join(kinds)
        )
    return 0


def _figures(
    measured: measures.Measured, found: list[Marked], answers: list[list[Span]], took: list[float]
) -> dict[str, object]:
    whole = sum(set(a) == set(m.spans) for a, m in zip(answers, found, strict=True))
    return {
        "micro_f1": round(measured.micro_f1, 4), "precision": round(measured.precision, 4),
        "recall": round(measured.recall, 4), "rows": len(found),
        "whole_right": round(whole / len(found), 4),
        "by_kind": {kind: [round(f1, 4), n] for kind, (f1, n) in measured.by_kind.items()},
        "ms_single_p95": round(1000 * sorted(took)[int(0.95 * (len(took) - 1))], 2),
    }  # fmt: skip


def _place() -> Path:
    return environment.place() / "triage" / files.NAME
