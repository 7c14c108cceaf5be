"""A speech model of 700 bytes: whatever is loud is 好. It goes the way a Zipformer goes that has learnt something."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

QUIET = -10.0  # mean log energy of a frame's 80 features


def zipformer(folder: Path) -> Path:
    """Write the model and its two tokens into ``folder`` and return it."""
    fixed = {"from": [0], "to": [2**62], "axis": [1], "step": [4], "features": [2], "three": [3]}
    constants = [numpy_helper.from_array(np.array(v), name) for name, v in fixed.items()]
    constants.append(numpy_helper.from_array(np.array(QUIET, np.float32), "quiet"))
    steps = (
        ("Slice", "x from to axis step", "fourth", {}),
        ("ReduceMean", "fourth features", "level", {"keepdims": 1}),
        ("Sub", "level quiet", "loud", {}),
        ("Neg", "loud", "silent", {}),
        ("Concat", "silent loud", "both", {"axis": 2}),
        ("LogSoftmax", "both", "log_probs", {"axis": 2}),
        ("Add", "x_lens three", "more", {}),
        ("Div", "more step", "log_probs_len", {}),
    )
    graph = helper.make_graph(
        [helper.make_node(kind, takes.split(), [gives], **more) for kind, takes, gives, more in steps],
        "loud",
        [_value("x", TensorProto.FLOAT, "N", "T", 80), _value("x_lens", TensorProto.INT64, "N")],
        [_value("log_probs", TensorProto.FLOAT, "N", "S", 2), _value("log_probs_len", TensorProto.INT64, "N")],
        constants,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(
        model, {"model_type": "zipformer2_ctc", "vocab_size": "2", "subsampling_factor": "4"}
    )
    folder.mkdir(exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    (folder / "tokens.txt").write_text("<blk> 0\n好 1\n", encoding="utf-8")
    return folder


def _value(name: str, kind: int, *shape: object) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)
