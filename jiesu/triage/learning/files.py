"""A model on disk: one line saying what it is, then its arrays (npz) with the words about it (JSON).

Plain data, so a model from elsewhere can be wrong but cannot run anything. The line carries the hash of
the rest; the first twelve digits of it are the model's version. It is written beside and moved into
place: a reader sees the old model or the new one, never half of one.
"""

import hashlib
import io
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from jiesu.triage.learning.calibration import Calibration
from jiesu.triage.learning.model import Model
from jiesu.triage.learning.vectors import Vocabulary

MARK = "JIESU-TRIAGE"
FORMAT = 2
VERSION = 12  # digits
ARRAYS = ("ids", "worth", "weights", "bias", "shifts")


class NoModel(Exception):
    """There is no model at this place."""


class Spoiled(Exception):
    """What stands there is no model this release can use."""


def keep(model: Model, path: Path) -> Model:
    """Write the model and return it with its version. The same model is always the same bytes."""
    told = {
        "labels": model.labels,
        "sharpness": model.calibration.sharpness,
        "bend": model.calibration.bend,
        "threshold": model.threshold if np.isfinite(model.threshold) else None,
        "about": model.about,
    }
    body = io.BytesIO()
    np.savez(
        body,
        told=np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), np.uint8),
        ids=model.vocabulary.ids,
        worth=model.vocabulary.worth,
        weights=model.weights,
        bias=model.bias,
        shifts=model.calibration.shifts,
    )
    digest = put(path, f"{MARK} {FORMAT}", body.getvalue())
    return replace(model, version=digest[:VERSION])


def put(path: Path, mark: str, body: bytes) -> str:
    """Write a model under its mark and digest, in one step: nobody reads half a file. Returns the digest."""
    digest = hashlib.sha256(body).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(f"{mark} {digest}\n".encode() + body)
    os.replace(beside, path)
    return digest


def load(path: Path) -> Model:
    """Return the model kept there.

    :raises NoModel: nothing stands there
    :raises Spoiled: it is cut short, changed, of another format, or no model at all
    """
    try:
        line, _, body = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        raise NoModel(f"没有模型文件 {path}，请先运行 jiesu triage train。") from None
    except OSError as broken:
        raise Spoiled(
            f"模型文件 {path} 读不出来：{broken}。请检查磁盘和权限，或重新训练。"
        ) from None
    digest = _checked(path, line, body)
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in ARRAYS}
            told = json.loads(kept["told"].tobytes())
        return _model(arrays, told, digest[:VERSION])
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as wrong:
        raise Spoiled(f"模型文件 {path} 的内容不合规定：{wrong}。请重新训练。") from None


def _checked(path: Path, line: bytes, body: bytes) -> str:
    """Return the hash of the body, after seeing that the first line says the same.

    :raises Spoiled: it does not
    """
    match line.decode("ascii", "replace").split(" "):
        case [mark, number, said] if mark == MARK:
            pass
        case _:
            raise Spoiled(f"{path} 不是模型文件，请核对路径，或重新训练。")
    if number != str(FORMAT):
        raise Spoiled(f"模型文件 {path} 是第 {number} 版格式，本程序用第 {FORMAT} 版，请重新训练。")
    digest = hashlib.sha256(body).hexdigest()
    if digest != said:
        raise Spoiled(f"模型文件 {path} 损坏（校验值不符），请从备份恢复，或重新训练。")
    return digest


def _model(arrays: dict[str, Any], told: dict[str, Any], version: str) -> Model:
    """Build the model.

    :raises ValueError: its parts do not fit each other
    """
    size, classes = len(arrays["ids"]), len(told["labels"])
    shapes = {name: array.shape for name, array in arrays.items()}
    if shapes != {
        "ids": (size,),
        "worth": (size,),
        "weights": (size, classes),
        "bias": (classes,),
        "shifts": (classes,),
    }:
        raise ValueError("各部分的大小对不上")
    return Model(
        labels=tuple(told["labels"]),
        vocabulary=Vocabulary(arrays["ids"], arrays["worth"]),
        weights=arrays["weights"],
        bias=arrays["bias"],
        calibration=Calibration(told["sharpness"], arrays["shifts"], told["bend"]),
        threshold=float("inf") if told["threshold"] is None else told["threshold"],
        about=told["about"],
        version=version,
    )
