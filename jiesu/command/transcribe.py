"""``jiesu transcribe``: what is said in recordings, by the model on this machine; with transcripts, how wrong it is."""

import csv
from argparse import Namespace
from pathlib import Path
from typing import Any

from jiesu.command.words import Stopped, result, say
from jiesu.core import environment
from jiesu.followup.sound import asking, hearing, weights
from jiesu.rules.statements import error_rate, suggest


def run(asked: Namespace) -> int:
    """Decode, find speech, and hear each file. 1 when there is no model: what is seen is said all the same.

    :raises Stopped: a file cannot be read, none is named, or the model's packages are not installed
    """
    if asked.install_model:
        _install(asked.model or environment.speech_home())
    if not asked.files:
        if asked.install_model:
            return 0
        raise Stopped("请写上要转写的录音文件，例如 jiesu transcribe 录音.wav。")
    folder = asked.model or environment.speech_model()
    why = (
        hearing.missing(folder)
        if folder
        else "没有语音模型：请执行 make speech 装上，或设 JIESU_SPEECH_MODEL、用 --model 指明目录。"
    )
    said = _transcripts(asked.evaluate) if asked.evaluate else {}
    told = [_one(path, None if why else folder, said) for path in asked.files]
    for one in told:
        _say(one)
    whole = _whole(told, why)
    if why:
        say(f"只解码和找出语音，没有转写：{why}")
    else:
        rate = (
            f"，每秒录音用 {whole['real_time_factor']} 秒"
            if whole["real_time_factor"] is not None
            else ""
        )
        say(
            f"{len(told)} 个录音，共 {whole['seconds']} 秒，其中语音 {whole['speech_seconds']} 秒{rate}"
        )
        if whole["error_rate"] is not None:
            say(f"字错率 {whole['error_rate']:.2%}（{whole['wrong']} / {whole['characters']} 字）")
    if asked.json:
        result(whole | {"files": told})
    return 1 if why else 0


def _install(folder: Path) -> None:
    try:
        weights.place(folder)
    except hearing.NoModel as lack:
        raise Stopped(str(lack)) from None
    say(f"语音模型已放在 {folder}。")


def _one(path: Path, folder: Path | None, said: dict[str, str]) -> dict[str, Any]:
    try:
        content = path.read_bytes()
        told = asking.look(content)
        if folder is not None:
            told = asking.hear(content, str(folder), ms=told["ms"])
    except OSError:
        raise Stopped(f"读不到文件 {path}，请核对路径。") from None
    except asking.Failed as failure:
        raise Stopped(f"{path.name}：{failure}") from None
    texts = told.get("texts")
    lines = [
        {"start": start / 1000, "end": end / 1000, "side": side}
        | ({"text": texts[n]} if texts else {})
        for n, (start, end, side) in enumerate(told["spans"])
    ]
    one: dict[str, Any] = {
        "file": path.name, "seconds": told["ms"] / 1000,
        "speech_seconds": round(sum(line["end"] - line["start"] for line in lines), 3), "lines": lines,
    }  # fmt: skip
    if texts:
        one |= {"text": "".join(texts), "took": round(told["seconds"], 3), "engine": told["engine"]}
        one["moments"] = [
            {"statement": f.statement.value, "value": f.value, "at": lines[f.place]["start"]}
            for f in suggest([(text, 0) for text in texts])
        ]
        if path.name in said:
            one["wrong"], one["characters"] = error_rate(one["text"], said[path.name])
    return one


def _whole(told: list[dict[str, Any]], why: str) -> dict[str, Any]:
    wrong = sum(one.get("wrong", 0) for one in told)
    characters = sum(one.get("characters", 0) for one in told)
    seconds = sum(one["seconds"] for one in told)
    took = sum(one.get("took", 0.0) for one in told)
    return {
        "transcribed": not why, "why": why, "seconds": round(seconds, 3),
        "speech_seconds": round(sum(one["speech_seconds"] for one in told), 3),
        "took": round(took, 3), "real_time_factor": round(took / seconds, 3) if took else None,
        "wrong": wrong, "characters": characters,
        "error_rate": round(wrong / characters, 4) if characters else None,
    }  # fmt: skip


def _say(one: dict[str, Any]) -> None:
    say(f"{one['file']}  {one['seconds']:.1f} 秒，语音 {one['speech_seconds']:.1f} 秒")
    for line in one["lines"]:
        say(f"  {line['start']:7.2f}–{line['end']:.2f}  {line.get('text', '（未转写）')}")
    if one.get("characters"):
        say(f"  字错率 {one['wrong'] / one['characters']:.2%}")


def _transcripts(path: Path) -> dict[str, str]:
    """Columns ``file`` and ``transcript``.

    :raises Stopped: it cannot be read, or has other columns
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {row["file"]: row["transcript"] for row in csv.DictReader(file)}
    except OSError:
        raise Stopped(f"读不到文件 {path}，请核对路径。") from None
    except (KeyError, UnicodeDecodeError):
        raise Stopped(f"{path.name} 要有 file 和 transcript 两列（UTF-8 的 csv）。") from None
