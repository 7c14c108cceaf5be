"""The flow is one table, and the table is whole."""

import pytest

from jiesu.rules.workflow import ENDED, FACTS, FLOW, OPEN, STEPS, Action, NotAllowed, Stage, step


@pytest.mark.parametrize("stage", list(Stage), ids=lambda stage: stage.label)
def test_every_stage_can_be_reached_from_arrival(stage):
    reached, border = set(), {None}
    while border:
        border = {to for (here, _), to in FLOW.items() if here in border} - reached
        reached |= border

    assert stage in reached


@pytest.mark.parametrize("stage", OPEN, ids=lambda stage: stage.label)
def test_from_every_open_stage_an_end_can_be_reached(stage):
    reached, border = {stage}, {stage}
    while border:
        border = {to for (here, _), to in FLOW.items() if here in border} - reached
        reached |= border

    assert reached & ENDED


def test_an_action_moves_or_is_a_fact_never_both():
    moving = {action for _, action in FLOW}

    assert moving & FACTS == set()
    assert moving | FACTS == set(Action)


def test_every_stage_stands_in_one_step_of_the_road():
    assert sorted(stage for _, stages in STEPS for stage in stages) == sorted(Stage)


@pytest.mark.parametrize(
    ("stage", "action", "expected"),
    [
        (None, Action.ARRIVE, Stage.TO_SIGN),
        (Stage.TO_SIGN, Action.SIGN, Stage.SIGNED),
        (Stage.SIGNED, Action.TRIAGE, Stage.TO_DISPATCH),
        (Stage.SIGNED, Action.SEND_BACK, Stage.SEND_BACK_PENDING),
        (Stage.SEND_BACK_PENDING, Action.GRANT_SEND_BACK, Stage.SENT_BACK),
        (Stage.SEND_BACK_PENDING, Action.REFUSE_SEND_BACK, Stage.TO_DISPATCH),
        (Stage.TO_DISPATCH, Action.DISPATCH, Stage.HANDLING),
        (Stage.HANDLING, Action.TRANSFER, Stage.TO_DISPATCH),
        (Stage.HANDLING, Action.DECLINE, Stage.TO_DISPATCH),
        (Stage.HANDLING, Action.WHISTLE, Stage.JOINT),
        (Stage.HANDLING, Action.EXTEND, Stage.EXTENSION_PENDING),
        (Stage.HANDLING, Action.SUBMIT, Stage.REVIEWING),
        (Stage.REVIEWING, Action.REJECT, Stage.HANDLING),
        (Stage.REVIEWING, Action.PASS, Stage.STREET_CALL_BACK),
        (Stage.STREET_CALL_BACK, Action.CALL_BACK_FAIL, Stage.HANDLING),
        (Stage.STREET_CALL_BACK, Action.CALL_BACK_PASS, Stage.FINAL_REVIEW),
        (Stage.FINAL_REVIEW, Action.SEND_UP, Stage.SUBMITTED),
        (Stage.SUBMITTED, Action.UPPER_CALL, Stage.UPPER_CALL_BACK),
        (Stage.UPPER_CALL_BACK, Action.EVALUATE, Stage.EVALUATED),
        (Stage.EVALUATED, Action.ARCHIVE, Stage.ARCHIVED),
    ],
)
def test_the_road_of_the_domain(stage, action, expected):
    assert step(stage, action) == expected


def test_what_does_not_follow_names_stage_and_action():
    with pytest.raises(NotAllowed, match="案件现为“已办结”，不能“签收”"):
        step(Stage.CLOSED, Action.SIGN)
