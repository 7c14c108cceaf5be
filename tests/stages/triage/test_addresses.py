"""Addresses into parts: the chain's sums against every labelling, a tagger learnt, kept, spoiled and asked."""

import json
from collections import Counter
from itertools import pairwise, product
from math import exp, log

import numpy as np
import pytest

from jiesu.__main__ import main
from jiesu.triage.addresses import chain, files, live, measures, samples, training
from jiesu.triage.addresses.samples import Marked, Span

ROADS = ("复兴路", "羊坊店路", "会城门路", "莲花池东路", "北蜂窝路", "什坊院路")


def address(n: int) -> Marked:
    """One of some hundreds of invented addresses."""
    pieces = [
        ("district", "海淀区" if n % 3 else ""), ("road", ROADS[n % 6]), ("roadno", f"{n % 37 + 1}号"),
        ("houseno", f"{n % 9 + 1}号楼" if n % 4 else ""), ("roomno", f"{n % 6 + 1}0{n % 8}室" if n % 5 else ""),
    ]  # fmt: skip
    spans, at = [], 0
    for kind, piece in pieces:
        if piece:
            spans.append(Span(kind, at, at + len(piece)))
            at += len(piece)
    return Marked("".join(piece for _, piece in pieces), tuple(spans))


@pytest.fixture(scope="module")
def tagger():
    return training.train([address(n) for n in range(120)], rounds=4, runs=1)


def file(path, found):
    lines = [json.dumps({"text": m.text, "spans": m.spans, "split": "dev"}) for m in found]
    path.write_text("\n".join(lines))
    return path


def test_the_chain_expects_what_all_labellings_together_say():
    labels = chain.labels_of(["a", "b"])
    between, chance = chain.borders(labels), np.random.default_rng(3)
    scores = chance.normal(size=(2, 3, len(labels))).astype(np.float32)
    follows = chance.normal(size=(len(labels),) * 2).astype(np.float32)
    sizes = np.array([3, 2])

    found = chain.expected(scores, sizes, follows, between)

    steps, total, marginal = follows + between.follows, 0.0, np.zeros_like(scores)
    for one, size in enumerate(sizes):
        weighed, parts = [], Counter()
        for path in product(range(len(labels)), repeat=int(size)):
            said = between.begins[path[0]] + between.ends[path[-1]]
            said += sum(scores[one, t, label] for t, label in enumerate(path))
            said += sum(steps[a, b] for a, b in pairwise(path))
            weighed.append((exp(said), path))
        whole = sum(weight for weight, _ in weighed)
        total += log(whole)
        for weight, path in weighed:
            for t, label in enumerate(path):
                marginal[one, t, label] += weight / whole
            parts.update(dict.fromkeys(parts_of([labels[i] for i in path]), weight / whole))
        shares = chain.shares(scores[one, :size], follows, between)
        assert {at: shares[at] for at in np.ndindex(shares.shape) if shares[at] > 1e-6} == (
            pytest.approx({at: share for at, share in parts.items() if share > 1e-6}, rel=1e-4)
        )
    assert found.total == pytest.approx(total, rel=1e-4)
    assert found.labels == pytest.approx(marginal, abs=1e-4)
    assert found.pairs.sum() == pytest.approx(3, rel=1e-4)  # two steps in the one, one in the other


def parts_of(labels: list[str]) -> list[tuple[int, int, int]]:
    """First and last character and kind of the parts that labels say."""
    found, start = [], 0
    for i, label in enumerate(labels):
        start = i if label[0] in "BS" else start
        if label[0] in "ES":
            found.append((start, i, "ab".index(label[2:])))
    return found


def test_parts_are_taken_that_are_likely_in_sum_and_none_over_another():
    told = np.zeros((4, 4, 2))
    told[0, 3, 0], told[0, 1, 1], told[2, 3, 0], told[1, 2, 1] = 0.7, 0.6, 0.6, 0.1

    assert chain.likeliest(told, ["a", "b"], 0.45) == [Span("b", 0, 2), Span("a", 2, 4)]
    assert chain.likeliest(told, ["a", "b"], 0.55) == [Span("a", 0, 4)]
    assert chain.likeliest(told, ["a", "b"], 0.75) == []


def test_what_is_learnt_holds_for_addresses_never_seen(tagger):
    unseen = [address(n) for n in range(500, 560)]

    measured = measures.measure(unseen, [tagger.parts(one.text) for one in unseen])

    assert measured.micro_f1 > 0.95
    assert tagger.parts("") == tagger.parts("长" * 500) == []


def test_a_tagger_is_kept_and_a_spoiled_one_is_told(tagger, tmp_path):
    path = tmp_path / "address.model"
    kept = files.keep(tagger, path)

    assert files.load(path).parts("海淀区复兴路3号") == kept.parts("海淀区复兴路3号")
    assert len(kept.version) == 12
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(files.Spoiled, match="重新训练"):
        files.load(path)
    with pytest.raises(files.NoModel):
        files.load(tmp_path / "none")


def test_the_desk_reads_parts_only_where_a_tagger_works(tagger, tmp_path, monkeypatch):
    monkeypatch.setenv("JIESU_DATA", str(tmp_path))
    assert live.parts_of("海淀区复兴路3号") == []

    path = tmp_path / "triage" / files.NAME
    files.keep(tagger, path)
    assert live.parts_of("海淀区复兴路3号") == [("区", "海淀区"), ("路", "复兴路"), ("门牌", "3号")]

    path.write_bytes(b"spoiled")
    assert live.parts_of("海淀区复兴路3号") == []


@pytest.mark.parametrize(
    "spans", [[["road", 0, 9]], [["road", 0, 2], ["roadno", 1, 3]], [["road", "x", 2]], 5]
)
def test_a_line_that_marks_what_is_not_there_is_told(tmp_path, spans):
    path = tmp_path / "wrong.jsonl"
    path.write_text(json.dumps({"text": "复兴路3号", "spans": spans}))

    with pytest.raises(samples.Unusable, match="第 1 行"):
        samples.read(path)


def test_the_commands_train_and_measure(tmp_path, capsys):
    data = file(tmp_path / "a.jsonl", [address(n) for n in range(60)])
    model = tmp_path / "m.model"

    assert (
        main(["triage", "address", "train", "--data", str(data), "--out", str(model), "--json"])
        == 0
    )
    assert main(["triage", "address", "evaluate", "--data", str(data), "--model", str(model), "--split", "dev", "--json"]) == 0  # fmt: skip

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["rows"] == 60
    assert told["micro_f1"] > 0.9
    assert (
        main(
            ["triage", "address", "evaluate", "--data", str(data), "--model", str(tmp_path / "no")]
        )
        == 1
    )
