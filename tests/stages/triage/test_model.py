"""What a model answers: the right label, an honest probability, words a person can check, or its doubt."""

from dataclasses import replace

import numpy as np
import pytest

from jiesu.triage.learning import alike, training
from jiesu.triage.learning.measures import measure
from jiesu.triage.learning.reading import read
from jiesu.triage.learning.samples import Row, samples
from jiesu.triage.learning.suggestion import Doubt
from tests.stages.triage import made_up


def read_rows(made):
    return samples(Row(r["label"], r.get("text", ""), r.get("words", "")) for r in made)


def test_it_knows_the_matters_it_was_taught(model):
    found = read_rows(made_up.rows(200, seed=2))
    told = model.probabilities([sample.reading for sample in found])

    measured = measure(told, model.labels, [sample.label for sample in found])

    assert measured.accuracy > 0.97
    assert 0.85 < model.about["accuracy"] < 0.99  # some of its lessons were wrong, and it says so
    assert told.sum(axis=1) == pytest.approx(np.ones(200))


def test_a_suggestion_says_what_how_sure_and_why(model):
    told = model.suggest(read("居民反映暖气不热，热力公司的锅炉房今年没有解决，供暖一直不热"))

    assert (told.label, told.sure, told.doubt) == ("供暖", True, None)
    assert len(told.top) == 3
    assert told.probability == told.top[0].probability > told.top[1].probability
    assert {told.reasons[0].word, told.reasons[1].word} <= {"暖气", "不热", "锅炉房", "锅炉", "供暖", "热力", "公司"}  # fmt: skip
    assert sum(reason.share for reason in told.reasons) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("", Doubt.SHORT),
        ("问题", Doubt.SHORT),
        ("鸬鹚翩跹于蒹葭之畔，蟋蟀鸣啾", Doubt.UNSEEN),
        ("居民反映多次，物业电话答复，工作人员解决问题", Doubt.SPREAD),
    ],
)
def test_it_says_why_it_does_not_know(model, text, doubt):
    told = model.suggest(read(text))

    assert (told.doubt, told.sure) == (doubt, False)


def test_two_matters_in_one_message_are_close(model):
    told = replace(model, threshold=0.999).suggest(
        read("停车位占道停车，拖欠工资，车位地锁，包工头农民工工资，停车场挪车，劳动合同加班费")
    )

    assert told.doubt is Doubt.CLOSE
    assert {choice.label for choice in told.top[:2]} == {"停车", "工资"}


def test_the_reasons_add_up_to_what_the_model_said(model):
    reading = read("楼下占道停车，机动车乱停，地锁没人管")
    row = model.vocabulary.rows([reading])
    label = model.labels.index("停车")
    for_it = row.times(model.weights)[0, label]

    spoken = model.spoken(reading, label)

    assert sum(spoken.values()) == pytest.approx(for_it, abs=1e-5)
    assert set(spoken) == set(reading.words)


def test_alone_and_in_a_crowd_it_answers_the_same(model):
    readings = [sample.reading for sample in read_rows(made_up.rows(2500, seed=3))]

    together = model.probabilities(readings)

    assert together[[0, 1234, 2499]] == pytest.approx(
        np.vstack([model.probabilities([readings[i]]) for i in (0, 1234, 2499)])
    )


def test_near_duplicates_never_stand_in_two_folds():
    chain = [
        read(f"小区暖气不热居民多次反映物业没有解决今年供暖问题楼下锅炉房{i % 40}")
        for i in range(80)
    ]
    groups = alike.groups([*chain, *(s.reading for s in read_rows(made_up.rows(60)))])

    fold_of = training.folds(groups)

    assert all(len(set(fold_of[groups == group].tolist())) == 1 for group in set(groups.tolist()))
    assert set(fold_of.tolist()) == set(range(training.FOLDS))
    assert np.array_equal(fold_of, training.folds(groups))


@pytest.mark.parametrize(
    "made", [made_up.rows(8), [{"label": "供暖", "text": f"暖气不热{i}"} for i in range(40)]]
)
def test_too_little_is_not_learnt_from(made):
    with pytest.raises(training.TooLittle, match="两种标签"):
        training.train(read_rows(made))


def test_lessons_at_random_make_a_model_that_is_never_sure():
    model = training.train(read_rows(made_up.rows(200, wrong=1.0)))

    told = model.suggest(read("暖气不热，供暖的锅炉房没有烧，居民反映热力公司"))

    assert model.threshold == float("inf")
    assert not told.sure
    assert told.probability < 0.6
