import random

from jiesu.triage.learning import alike
from jiesu.triage.learning.reading import read, shingles

WORDS = [a + b for a in "城东南西北中上下" for b in "桥路街园巷井湾坡门楼"]


def text(seed: int, words: int = 60) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def joined(words: list[str]) -> str:
    return "".join(words)


def test_a_copy_with_another_greeting_is_found_and_strangers_are_not():
    first, other = text(1), text(2)
    readings = [read(joined(first)), read(joined(other)), read("您好，我要反映：" + joined(first))]

    found = alike.pairs(readings)

    assert [(pair.first, pair.second) for pair in found] == [(0, 2)]
    assert found[0].similarity > 0.9


def test_half_a_text_is_as_alike_as_the_runs_they_share():
    whole = joined(text(3))
    readings = [read(whole), read(whole[:80])]
    one, two = (set(shingles(reading).tolist()) for reading in readings)

    found = alike.pairs(readings, threshold=0.1)

    assert [pair.similarity for pair in found] == [len(one & two) / len(one | two)]


def test_changed_copies_are_found_nineteen_times_in_twenty():
    readings = []
    for seed in range(150):
        words = text(seed)
        changed = words[:22] + text(seed + 5000, 6) + words[28:]
        readings += [read(joined(words)), read(joined(changed))]

    found = {(pair.first, pair.second) for pair in alike.pairs(readings)}
    true = {(i, i + 1) for i in range(0, len(readings), 2)}

    assert found <= true
    assert len(found) >= 0.95 * len(true)


def test_a_chain_of_copies_is_one_group_and_the_empty_stand_alone():
    words = text(7)
    chain = [read(joined(words[i : i + 40])) for i in (0, 10, 20)]

    groups = alike.groups([*chain, read(""), read("")]).tolist()

    assert len(set(groups[:3])) == 1
    assert len(set(groups)) == 3


def test_a_campaign_of_many_copies_is_one_group():
    words = joined(text(9))

    assert set(alike.groups([read(f"{words}{i}") for i in range(200)]).tolist()) == {0}
