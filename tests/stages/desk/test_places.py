"""社区地名: words kept, ended and brought in by the administrator; orders find their community by them."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jiesu.catalogue import keeping_places
from jiesu.catalogue.models import PlaceName
from jiesu.intake.naming import Names
from jiesu.trail.models import Entry, Kind


@pytest.fixture
def desk(member, browser_of):
    return browser_of(member("system"))


def community(office, name):
    return office.units.get(name=name)


def table(text: str, name: str = "地名.csv") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, text.encode())}


def add(desk, office, word="翠云里", name="东风社区", **more):
    told = {"community": community(office, name).code, "word": word, "kind": "compound"} | more
    return desk.post(reverse("desk:places_add"), told)


def test_a_word_is_kept_found_and_ended(desk, office, now):
    answer = add(desk, office, buildings="7-20")

    assert answer.status_code == 302
    kept = PlaceName.objects.get()
    assert (kept.word, kept.buildings, kept.community.name) == ("翠云里", "7-20", "东风社区")
    assert Names(office, now).placed("翠云里8号楼") == (community(office, "东风社区"), "翠云里")
    assert Names(office, now).placed("翠云里3号楼") is None
    tried = desk.get(reverse("desk:places"), {"try": "翠云里8号楼"}).content.decode()
    assert "认作 <b>东风社区</b>：“翠云里”是东风社区的小区院落" in tried
    assert (
        "东风社区"
        in Entry.objects.get(kind=Kind.CHANGE, subject="places").facts["after"]["added"][0]
    )

    desk.post(reverse("desk:places_end", args=[kept.pk]))

    kept.refresh_from_db()
    assert kept.valid_to is not None
    assert Names(office, now).placed("翠云里8号楼") is None
    assert "已停用的写法" in desk.get(reverse("desk:places")).content.decode()


def test_a_word_that_cannot_be_kept_says_what_to_change(desk, office):
    answer = add(desk, office, buildings="东边")

    assert answer.status_code == 422
    assert "楼号“东边”看不懂，请写成 1-6,9 这样。" in answer.content.decode()
    assert not PlaceName.objects.exists()


def test_a_table_is_taken_whole_or_not_at_all(desk, office):
    good = "社区,写法,种类,楼号\n东风社区,翠云里,小区院落,1-6\n会城门,老供销社,,\n"

    wrong = desk.post(
        reverse("desk:places_bring"), table(good + "火星社区,环形山,,\n,,,\n东风社区,墙,,\n")
    )
    said = wrong.content.decode()
    assert wrong.status_code == 422
    assert "第 4 行：社区不在本街道名录里" in said
    assert "第 6 行：写法至少要两个字" in said
    assert not PlaceName.objects.exists()

    desk.post(reverse("desk:places_bring"), table(good))
    desk.post(reverse("desk:places_bring"), table(good))
    assert list(PlaceName.objects.values_list("word", "kind")) == [
        ("老供销社", "alias"), ("翠云里", "compound"),
    ]  # fmt: skip


def test_what_is_exported_can_be_brought_in_again(desk, office):
    add(desk, office, word="=1+1号院", source="居委会")
    file = b"".join(desk.get(reverse("desk:places_export")).streaming_content)
    PlaceName.objects.all().delete()

    again = SimpleUploadedFile("社区地名.xlsx", BytesIO(file).getvalue())
    answer = desk.post(reverse("desk:places_bring"), {"file": again})

    assert answer.status_code == 302
    assert PlaceName.objects.get().word == "=1+1号院"
    assert PlaceName.objects.get().source == "居委会"
    assert Entry.objects.filter(kind=Kind.EXPORT, subject="places").count() == 1


def test_words_are_the_offices_own(office, now):
    with pytest.raises(keeping_places.Unfit):
        keeping_places.add(
            office, [keeping_places.entry(office.units.get(code="urban"), "城管院")], actor=None,
            at=now, since=date(2026, 1, 1),
        )  # fmt: skip
