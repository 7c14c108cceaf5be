"""A tagger on disk, as ``learning/files`` keeps a model: one line with the hash of the rest, then plain arrays.

Features stand there as hashes with their numbers; of the addresses it was trained on there is nothing in it.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jiesu.triage.addresses.model import Tagger
from jiesu.triage.addresses.net import Net
from jiesu.triage.learning.files import put

MARK, FORMAT, VERSION = "JIESU-ADDRESS", 2, 12
NAME = "address.model"


class NoModel(Exception):
    """There is no tagger at this place."""


class Spoiled(Exception):
    """What stands there is no tagger this release can use."""


def keep(tagger: Tagger, path: Path) -> Tagger:
    """Write the tagger and return it with its version; written beside and moved into place."""
    told = json.dumps(
        {"kinds": tagger.kinds, "nets": len(tagger.nets), "about": tagger.about}, ensure_ascii=False
    )
    body = io.BytesIO()
    np.savez(
        body, told=np.frombuffer(told.encode(), np.uint8), ids=tagger.ids,
        **{
            f"{name}{n}": numbers.astype(np.float16)
            for n, net in enumerate(tagger.nets) for name, numbers in net._asdict().items()
        },
    )  # fmt: skip
    digest = put(path, f"{MARK} {FORMAT}", body.getvalue())
    return replace(tagger, version=digest[:VERSION])


def load(path: Path) -> Tagger:
    """Return the tagger kept there.

    :raises NoModel: nothing stands there
    :raises Spoiled: it is cut short, changed, of another format, or no tagger at all
    """
    try:
        line, _, body = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        raise NoModel(f"没有地址模型 {path}，请先运行 jiesu triage address train。") from None
    except OSError as broken:
        raise Spoiled(
            f"地址模型 {path} 读不出来：{broken}。请检查磁盘和权限，或重新训练。"
        ) from None
    digest = hashlib.sha256(body).hexdigest()
    if line != f"{MARK} {FORMAT} {digest}".encode():
        raise Spoiled(f"{path} 不是本版能用的地址模型，或已损坏，请重新训练。")
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as kept:
            told = json.loads(kept["told"].tobytes())
            kinds = tuple(str(kind) for kind in told["kinds"])
            nets = tuple(_net(kept, n, len(kinds)) for n in range(told["nets"]))
            if not nets:
                raise ValueError("一个网络也没有")
            return Tagger(kinds, kept["ids"], nets, told["about"], digest[:VERSION])
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as wrong:
        raise Spoiled(f"地址模型 {path} 的内容不合规定：{wrong}。请重新训练。") from None


def _net(kept: Mapping[str, NDArray[np.float16]], number: int, kinds: int) -> Net:
    """Build one network. Its vectors stay as short as they are kept: of an address few are needed.

    :raises ValueError: its parts do not fit each other
    """
    vectors, *rest = (kept[f"{name}{number}"] for name in Net._fields)
    net = Net(vectors, *(numbers.astype(np.float32) for numbers in rest))
    sizes = Net.sizes(len(kept["ids"]), 1 + 4 * kinds)
    if tuple(numbers.shape for numbers in net) != sizes or not len(kept["ids"]):
        raise ValueError("各部分的大小对不上")
    return net
