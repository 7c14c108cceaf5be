"""A tagger on disk, as ``learning/files`` keeps a model: one line with the hash of the rest, then plain arrays.

Features stand there as hashes and weights; of the addresses it was trained on there is nothing in it.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

from jiesu.triage.addresses import chain
from jiesu.triage.addresses.model import Tagger
from jiesu.triage.learning.files import put

MARK, FORMAT, VERSION = "JIESU-ADDRESS", 1, 12
NAME = "address.model"


class NoModel(Exception):
    """There is no tagger at this place."""


class Spoiled(Exception):
    """What stands there is no tagger this release can use."""


def keep(tagger: Tagger, path: Path) -> Tagger:
    """Write the tagger and return it with its version; written beside and moved into place."""
    told = json.dumps({"kinds": tagger.kinds, "about": tagger.about}, ensure_ascii=False)
    body = io.BytesIO()
    np.savez_compressed(
        body, told=np.frombuffer(told.encode(), np.uint8), ids=tagger.ids,
        data=tagger.weights.data.astype(np.float16), indices=tagger.weights.indices.astype(np.uint16),
        starts=tagger.weights.indptr.astype(np.int64), follows=tagger.follows,
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
            labels = len(chain.labels_of(kinds))
            weights = csr_matrix(
                (kept["data"].astype(np.float32), kept["indices"].astype(np.int32), kept["starts"]),
                shape=(len(kept["ids"]), labels),
            )
            if kept["follows"].shape != (labels, labels) or not len(kept["ids"]):
                raise ValueError("各部分的大小对不上")
            return Tagger(
                kinds, kept["ids"], weights, kept["follows"], told["about"], digest[:VERSION]
            )
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as wrong:
        raise Spoiled(f"地址模型 {path} 的内容不合规定：{wrong}。请重新训练。") from None
