"""The import: what a file's rows mean against the record, and that nothing is lost or doubled."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from jiesu.cases.models import Case, Clock, Event
from jiesu.intake import actions, importing, jobs, receiving
from jiesu.intake.models import Arrival, Batch, BatchState, Verdict
from jiesu.platforms.sheets import Unreadable
from jiesu.rules.workflow import Action, Stage
from tests.factories.files import row, workbook


@pytest.fixture
def bring(office, tmp_path, now):
    """Import rows as one file and return the tally."""
    made = iter(range(1000))

    def bring(*rows, above=0, dry=False):
        path = workbook(tmp_path / f"{next(made)}.xlsx", rows, above=above)
        batch = receiving.receive_path(office, path)
        work = importing.try_reading if dry else importing.run
        return work(batch, at=now)

    return bring


def counts(tally):
    told = tally.told()
    return {
        name: told[name]
        for name in ("new", "changed", "unchanged", "arrived_again", "refused")
        if told[name]
    }


def local(text):
    return timezone.make_aware(datetime.fromisoformat(text))


def test_a_row_becomes_a_case_to_be_signed(bring, office):
    tally = bring(row(7), above=3)

    case = Case.objects.get()
    assert counts(tally) == {"new": 1}
    assert (case.number, case.stage, case.arrival) == ("热线-261019-000007", Stage.TO_SIGN, 1)
    assert case.community.name == "会城门社区"
    assert case.due_at == local("2026-10-26 08:12:30")
    assert case.due_source == "工单自带"
    assert [event.action for event in case.events.all()] == [Action.ARRIVE]
    assert sorted(case.clocks.values_list("kind", flat=True)) == ["handle", "sign"]
    assert case.next_clock == "sign"


def test_without_a_due_time_the_tag_decides(bring):
    bring(row(标签="24小时", 截止时间=""))

    case = Case.objects.get()
    assert case.due_at - case.dispatched_at == timedelta(hours=24)
    assert case.due_source == "标签“24小时”"


def test_the_same_file_twice_changes_nothing(bring):
    rows = [row(n) for n in range(1, 6)]
    bring(*rows)
    before = (Case.objects.count(), Event.objects.count(), Clock.objects.count())

    tally = bring(*rows)

    assert counts(tally) == {"unchanged": 5}
    assert (Case.objects.count(), Event.objects.count(), Clock.objects.count()) == before


def test_a_row_twice_in_one_file_is_one_case(bring):
    assert counts(bring(row(1), row(2), row(1))) == {"new": 2, "unchanged": 1}


def test_changed_words_are_corrected_with_what_was_before(bring):
    bring(row())
    tally = bring(row(主要内容="市民补充：三层也不亮。"))

    case = Case.objects.get()
    event = case.events.get(action=Action.CORRECT)
    assert counts(tally) == {"changed": 1}
    assert case.content == "市民补充：三层也不亮。"
    assert event.facts["changes"]["content"] == [
        "市民反映，楼道灯不亮，夜间出行不便。",
        "市民补充：三层也不亮。",
    ]
    assert case.stage == Stage.TO_SIGN
    assert list(Case.objects.matching("补充")) == [case]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"主要内容": "", "来电人": "", "社区": ""}, id="空格不覆盖"),
        pytest.param({"派单时间": "2026-10-19 08:12"}, id="到分的时间不覆盖到秒的"),
        pytest.param({"派单时间": "2026年10月19日 08时12分"}, id="中文到分"),
        pytest.param({"截止时间": "2026/10/26 8:12"}, id="截止到分"),
        pytest.param({"来电时间": "2026-10-19"}, id="到日的时间不覆盖"),
    ],
)
def test_an_empty_cell_or_a_coarser_value_never_overwrites(bring, changes):
    bring(row())
    before = Case.objects.values().get()

    tally = bring(row(**changes))

    assert counts(tally) == {"unchanged": 1}
    assert Case.objects.values().get() == before


def test_a_finer_value_replaces_a_coarser_one(bring):
    bring(row(派单时间="2026-10-19 08:12"))

    tally = bring(row())

    assert counts(tally) == {"changed": 1}
    assert Case.objects.get().dispatched_at == local("2026-10-19 08:12:30")


def test_the_same_number_dispatched_later_is_a_new_arrival_in_the_chain(bring, now):
    bring(row())
    tally = bring(row(派单时间="2026-10-21 09:00:00", 截止时间="2026-10-28 09:00:00"))

    first, second = Case.objects.order_by("arrival")
    assert counts(tally) == {"arrived_again": 1}
    assert (second.arrival, second.previous, second.stage) == (2, first, Stage.TO_SIGN)
    assert first.stage == Stage.CLOSED
    assert first.dispatched_at == local("2026-10-19 08:12:30")
    assert not first.clocks.filter(stopped_at=None).exists()
    assert first.events.last().action == Action.ARRIVE_AGAIN


def test_a_send_back_not_yet_answered_is_answered_by_the_new_dispatch(bring, seat, now):
    bring(row())
    case = Case.objects.get()
    actions.send_back(case, reason="outside_street", proof="地图", actor=seat, at=now)

    bring(row(派单时间="2026-10-21 09:00:00"))

    case.refresh_from_db()
    assert case.stage == Stage.SENT_BACK


def test_both_arrivals_in_one_file_and_again(bring):
    rows = [row(), row(派单时间="2026-10-21 09:00:00", 截止时间="2026-10-28 09:00:00")]

    assert counts(bring(*rows)) == {"new": 1, "arrived_again": 1}
    assert counts(bring(*rows)) == {"unchanged": 2}


def test_an_earlier_dispatch_than_on_record_changes_nothing_and_is_told(bring):
    bring(row())
    tally = bring(row(派单时间="2026-10-18 07:00:00", 标题="别的"))

    assert counts(tally) == {"unchanged": 1}
    assert "早于在案记录" in tally.warnings[0]
    assert Case.objects.get().title == "楼道灯不亮"


def test_what_the_export_calls_finished_comes_in_closed_in_one_event(bring):
    bring(
        row(
            工单状态="已办结",
            处理结果="已更换灯泡。",
            办结时间="2026-10-20 10:00:00",
            承办单位="社区建设办公室",
        )
    )

    case = Case.objects.get()
    assert (case.stage, case.result) == (Stage.CLOSED, "已更换灯泡。")
    assert case.closed_at == local("2026-10-20 10:00:00")
    assert case.unit.name == "社区建设办公室"
    assert [event.action for event in case.events.all()] == [Action.ARRIVE_FINISHED]
    assert not case.clocks.exists()


def test_an_unknown_community_is_accepted_with_a_warning(bring):
    tally = bring(row(社区="不存在的社区"))

    case = Case.objects.get()
    assert (case.community, case.community_text) == (None, "不存在的社区")
    assert tally.warnings == ["社区“不存在的社区”不在本街道名录，已收下，请在案件页选定社区。"]


def test_unknown_columns_are_kept_as_they_came(bring):
    bring(row(网格员="某某", 是否满意="满意"))

    assert Case.objects.get().extra == {"网格员": "某某", "是否满意": "满意"}


def test_a_refused_row_is_kept_with_its_reason(bring):
    tally = bring(row(1), row(2, 派单时间="昨天下午"), row(3))

    kept = Arrival.objects.get(verdict=Verdict.REFUSED)
    assert counts(tally) == {"new": 2, "refused": 1}
    assert tally.refusals == [{"row": 3, "reason": kept.reason}]
    assert "昨天下午" in kept.reason
    assert "昨天下午" in kept.values


def test_a_dry_run_counts_the_same_and_stores_nothing(bring):
    rows = [row(1), row(2), row(1), row(2, 派单时间="2026-10-21 09:00:00"), row(3, 派单时间="昨天")]
    tried = counts(bring(*rows, dry=True))
    stored_meanwhile = Case.objects.count()

    assert tried == counts(bring(*rows))
    assert stored_meanwhile == 0


def test_an_import_cut_off_goes_on_after_its_last_whole_chunk(office, tmp_path, now, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 10)
    batch = receiving.receive_path(
        office, workbook(tmp_path / "x.xlsx", [row(n) for n in range(1, 36)])
    )
    written = importing.write_fresh
    chunks = iter(range(100))

    def dies(*given, **named):
        if next(chunks) == 2:
            raise KeyboardInterrupt
        written(*given, **named)

    monkeypatch.setattr(importing, "write_fresh", dies)
    with pytest.raises(KeyboardInterrupt):
        importing.run(batch, at=now)
    monkeypatch.setattr(importing, "write_fresh", written)
    half = Case.objects.count()

    tally = importing.run(Batch.objects.get(), at=now)

    assert half == 20
    assert counts(tally) == {"new": 35}
    assert tally.rows == 35
    assert Case.objects.count() == Arrival.objects.count() == 35


def test_a_finished_batch_run_again_by_the_queue_changes_nothing(office, tmp_path, now):
    batch = receiving.receive_path(office, workbook(tmp_path / "x.xlsx", [row()]))
    importing.run(batch, at=now)

    jobs.run_batch(batch.pk)

    assert Case.objects.count() == 1


def test_a_file_that_cannot_be_read_says_so_and_marks_the_batch(office, tmp_path, now):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    batch = receiving.receive_path(office, path)

    with pytest.raises(Unreadable):
        importing.run(batch, at=now)

    batch.refresh_from_db()
    assert batch.state == BatchState.FAILED
    assert batch.failure


def test_hostile_cells_are_only_text(bring):
    bring(
        row(
            标题='=HYPERLINK("http://127.0.0.1/","点我")',
            主要内容="<img src=x onerror=alert(1)>'; DROP TABLE cases_case; --\t\\N",
        )
    )

    case = Case.objects.get()
    assert case.title.startswith("=HYPERLINK")
    assert case.content.startswith("<img src=x")
    assert case.content.endswith("\\N")


@pytest.mark.parametrize("loads", [1, 40])
def test_a_chunk_costs_the_same_number_of_queries_however_long(
    bring, loads, django_assert_max_num_queries
):
    with django_assert_max_num_queries(32):
        bring(*[row(n) for n in range(1, loads + 1)])


def test_the_end_of_an_import_is_announced_once(bring):
    bring(row(1), row(2))

    names = [job.args["name"] for job in ProcrastinateJob.objects.order_by("id")]
    assert names == ["intake.arrived", "intake.batch_finished"]


def test_without_a_community_the_place_tells_it_when_it_is_sure(bring):
    bring(
        row(1, 社区="", 问题点位="莲花小区5号院2号楼"), row(2, 社区="", 问题点位="莲花池东路辅路"),
        row(3, 社区="不存在的社区", 问题点位="莲花小区5号院"),
    )  # fmt: skip

    first, second, third = Case.objects.order_by("number")
    assert first.community.name == "莲花小区社区"
    assert first.events.get().facts["placed"] == "莲花小区"
    assert second.community is None
    assert (third.community, third.community_text) == (None, "不存在的社区")
