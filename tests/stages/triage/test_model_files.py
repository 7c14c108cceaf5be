"""A model is kept as plain data, comes back the same, and anything wrong with it has a name."""

import io

import numpy as np
import pytest

from jiesu.triage.learning import files
from jiesu.triage.learning.reading import read

TEXT = read("居民反映暖气不热，物业没有解决")


@pytest.fixture
def kept(model, tmp_path):
    return files.keep(model, tmp_path / "label.model"), tmp_path / "label.model"


def test_what_was_kept_answers_as_before(kept):
    model, path = kept

    loaded = files.load(path)

    assert loaded.suggest(TEXT) == model.suggest(TEXT)
    assert loaded.version == model.version
    assert loaded.about == model.about


def test_the_same_model_is_the_same_file_and_leaves_nothing_beside(kept, model, tmp_path):
    _, path = kept

    again = files.keep(model, tmp_path / "again" / "label.model")

    assert (tmp_path / "again" / "label.model").read_bytes() == path.read_bytes()
    assert again.version in path.read_bytes().split(b"\n")[0].decode()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["again", "label.model"]


def test_it_holds_no_word_of_the_messages(kept):
    _, path = kept

    assert "锅炉房".encode() not in path.read_bytes()


def test_no_file_has_its_own_name(tmp_path):
    with pytest.raises(files.NoModel, match="jiesu triage train"):
        files.load(tmp_path / "label.model")


def as_of_another_format(whole: bytes) -> bytes:
    return whole.replace(b"JIESU-TRIAGE 2 ", b"JIESU-TRIAGE 1 ", 1)


def one_bit(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]


def of_objects(_: bytes) -> bytes:
    return signed({"told": np.array([{"labels": []}], dtype=object)})


def of_misfits(_: bytes) -> bytes:
    told = np.frombuffer(b'{"labels": ["a"]}', np.uint8)
    return signed({"told": told} | {name: np.zeros(n) for n, name in enumerate(files.ARRAYS)})


def signed(arrays: dict[str, np.ndarray]) -> bytes:
    body = io.BytesIO()
    np.savez(body, **arrays)
    digest = files.hashlib.sha256(body.getvalue()).hexdigest()
    return f"{files.MARK} {files.FORMAT} {digest}\n".encode() + body.getvalue()


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        pytest.param(lambda whole: whole[:-100], "损坏", id="截断"),
        pytest.param(one_bit, "损坏", id="一位变了"),
        pytest.param(lambda whole: b"", "不是模型文件", id="空文件"),
        pytest.param(lambda whole: b"PK\x03\x04" + whole, "不是模型文件", id="别的文件"),
        pytest.param(as_of_another_format, "第 1 版格式", id="别的格式"),
        pytest.param(of_objects, "不合规定", id="藏着对象"),
        pytest.param(of_misfits, "不合规定", id="大小对不上"),
    ],
)
def test_a_spoiled_file_is_named_and_says_what_to_do(kept, harm, says):
    _, path = kept
    path.write_bytes(harm(path.read_bytes()))

    with pytest.raises(files.Spoiled, match=says) as why:
        files.load(path)

    assert "重新训练" in str(why.value)


def test_a_folder_in_its_place_is_spoiled(tmp_path):
    with pytest.raises(files.Spoiled, match="读不出来"):
        files.load(tmp_path)
