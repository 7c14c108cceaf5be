"""Every text field of every form, file names, sheets, filters and dates: kept as typed or refused in words, never broken.

Bounded and the same each time (``derandomize``).
"""

import csv
import html
import io
import re
import unicodedata
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from html.parser import HTMLParser
from importlib import import_module

import pytest
from django import forms
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jiesu.cases import sealing
from jiesu.cases.forms import Moment
from jiesu.cases.models import Event
from jiesu.core import personal
from jiesu.evidence.forms import plain_name
from jiesu.ledger import workbook
from jiesu.ledger.workbook import Form, Head
from jiesu.platforms import drafts, tables
from jiesu.rules.workflow import Action
from tests.factories.acting import send
from tests.factories.order_files import HEADERS, ROW
from tests.factories.orders import make_case
from tests.house.tracked import HOUSE
from tests.stages.ledger.reading import rows_of

NASTY = st.sampled_from([
    "<script>probe()</script>", '"><img src=x onerror=probe()>', "'", '"', "&lt;", "{{ 7*7 }}", "{% now %}",
    "=1+1", "+86", "-1", "@x", "\u202e", "\u200b", "\ufeff", "\r\n", "\n", "\t", "\x07", "\x1b[31m", "\0", "🦊", "𠮷",
    "é", "e\u0301", "１２", "²", "%00", "../", "\\", "‮", "　", "\u2028", "张三 13800000000",
])  # fmt: skip
TEXT = st.lists(st.one_of(NASTY, st.text(max_size=12)), max_size=5).map("".join).filter(
    lambda text: not re.search("[\ud800-\udfff]", text)  # what no browser can send
)  # fmt: skip

STORABLE = TEXT.map(lambda text: text.replace("\0", ""))


def few(examples: int) -> settings:
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip


def form_classes() -> list[type[forms.BaseForm]]:
    """Return every form of the house."""
    for path in sorted(HOUSE.rglob("*.py")):
        if (
            "class " in (text := path.read_text())
            and "Form)" in text
            and "migrations" not in path.parts
        ):
            import_module(".".join(path.relative_to(HOUSE.parent).with_suffix("").parts))

    def below(kind: type) -> Iterator[type]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    found = {one for one in below(forms.BaseForm) if one.__module__.startswith("jiesu.")}
    return sorted(found, key=lambda one: (one.__module__, one.__name__))


def text_fields() -> dict[str, forms.CharField]:
    """Return every free text field, by form and name; the same field inherited counts once."""
    told: dict[str, forms.CharField] = {}
    for form in form_classes():
        for name, field in form.base_fields.items():
            if type(field).to_python is not forms.UUIDField.to_python and isinstance(field, forms.CharField):  # fmt: skip
                told[f"{form.__module__.removeprefix('jiesu.')}.{form.__name__}.{name}"] = field
    return told


FIELDS = text_fields()


def as_kept(field: forms.CharField, text: str) -> str:
    """What a field may make of a text: lines end as they do everywhere, the edges are cut where it says so."""
    text = text.replace("\r\n", "\n")
    if isinstance(field, UsernameField):  # one way of writing for each name
        text = unicodedata.normalize("NFKC", text)
    return text.strip() if field.strip else text


def judged(field: forms.Field, text: str) -> tuple[object, list[str]]:
    """What a field makes of a text, and what it says against it."""
    try:
        return field.clean(text), []
    except ValidationError as refusal:
        return None, refusal.messages


class Shown(HTMLParser):
    """What a browser would put into a field again."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.value, self.tags = "", []
        self.feed(markup)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.value += dict(given).get("value") or ""

    def handle_data(self, data: str) -> None:
        self.value += data


def test_there_are_fields_to_look_at():
    assert len(FIELDS) > 40
    assert "handling.forms.NoteForm.note" in FIELDS


@pytest.mark.parametrize("name", FIELDS)
@few(15)
@example("\0")
@example("字" * 10_000)
@example("<b>\r\n")
@given(TEXT)
def test_a_text_field_keeps_what_was_typed_or_says_no(name, text):
    field = deepcopy(FIELDS[name])
    kept, said = judged(field, text)

    assert all(re.search("[\u4e00-\u9fff]", sentence) for sentence in said)
    if not said and isinstance(kept, str):
        assert "\0" not in kept
        assert as_kept(field, kept) == as_kept(field, text)


@pytest.mark.parametrize("name", FIELDS)
@few(8)
@example('"><script>probe()</script>')
@example("</textarea><script>probe()</script>")
@given(TEXT)
def test_a_field_shows_again_what_was_typed_as_text(name, text):
    field = FIELDS[name]
    if isinstance(field.widget, forms.PasswordInput):
        return
    shown = Shown(field.widget.render("x", text, {"id": "x"}))

    assert set(shown.tags) <= {"input", "textarea"}
    assert shown.value.strip("\r\n\t ") == text.strip("\r\n\t ") or shown.value.split() == text.split()  # fmt: skip


@few(200)
@given(st.one_of(st.text(max_size=30), st.from_regex(r"\A[0-9]{1,5}-[0-9]{1,3}-[0-9]{1,3}[T ][0-9]{1,3}:[0-9]{1,3}\Z"), st.datetimes().map(lambda at: at.strftime("%Y-%m-%dT%H:%M"))))  # fmt: skip
def test_a_moment_is_the_moment_that_was_typed_or_none(text):
    at, said = judged(Moment("时间"), text)

    assert said in ([], ["请填写日期和时间，如 2026-11-22 09:30。"])
    if said:
        return
    assert timezone.is_aware(at)
    here = timezone.localtime(at)
    digits = [int(one) for one in re.findall(r"\d+", text)]
    if datetime(1992, 1, 1) < here.replace(tzinfo=None):  # noqa: DTZ001 - before, clocks were turned
        assert [here.year, here.month, here.day, here.hour, here.minute] == digits[:5]


@few(300)
@given(st.one_of(TEXT, st.text(max_size=400)))
def test_a_file_name_is_a_name_and_stays_one(text):
    name = plain_name(text)

    assert 0 < len(name) <= 200
    assert name.isprintable() or "\u3000" in name or any(c.isspace() for c in name)
    assert not set(name) & set('/\\<>:"|?*\r\n\0\u202e\u200b')
    assert plain_name(name) == name
    header = content_disposition_header(True, name)
    assert header.startswith("attachment; filename")
    assert "\n" not in header
    assert "\r" not in header


@few(40)
@given(st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_is_written_into_a_sheet_is_read_out_of_it_and_never_runs(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("sheet") / "a.xlsx"
    heads = [Head(f"列{n}", 12, Form.TEXT) for n in range(3)]
    workbook.write(path, "台账", heads, rows, pinned=0, notes=lambda n: [])

    kept = [[workbook.clean(cell) for cell in row] for row in rows]
    assert _loosely(rows_of(path)[1:]) == _loosely(kept)


def _loosely(rows: list[list[object]]) -> list[str]:
    """Without empty rows and columns, which a reader leaves out."""
    return [str(cell) for row in rows for cell in row if cell != ""]


@few(40)
@given(STORABLE, STORABLE)
def test_a_csv_file_is_read_as_it_was_written(tmp_path_factory, title, content):
    values = dict(zip(HEADERS, map(str, ROW), strict=True))
    names = list(values)
    row = [*values.values()]
    row[names.index("问题标题") if "问题标题" in names else 3] = title
    row[names.index("主要内容")] = content
    out = io.StringIO()
    csv.writer(out).writerows([names, row])
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(out.getvalue().encode("utf-8-sig"))

    read = [item for sheet in tables.read(path).sheets for item in drafts.clean(sheet)]

    assert len(read) == 1
    if isinstance(read[0], drafts.Draft):
        seen = re.sub(r"[\s\W_]+", "", read[0].content)
        assert seen == "" or set(seen) <= set(re.sub(r"[\s_]+", "", _nfkc(content) + content))


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text) + unicodedata.normalize("NFC", text)


class TestInTheHouse:
    """The same through whole pages: fewer, for each costs a request."""

    @few(20)
    @example("</textarea><script>probe()</script>\r\n第二行")
    @given(TEXT.filter(str.strip))
    @example("张三 13800000000")
    def test_a_note_is_kept_word_for_word_and_shown_masked_as_text(
        self, office, seat, browser_of, text
    ):
        case, browser = make_case(office), browser_of(seat)
        answer = send(browser, "handling:note", case, note=text)

        if answer.status_code == 302:
            event = Event.objects.get(case=case, action=Action.NOTE)
            typed = text.replace("\r\n", "\n").strip()
            hidden = {one.pk: told for one, told in sealing.of_events(case)}.get(event.pk, {})
            assert hidden.get("note", event.note) == typed
            assert event.note == personal.within(typed)
            page = browser.get(reverse("desk:case", args=[case.number])).content.decode()
            assert "<script>probe" not in page
            first = event.note.split("\n")[0][:20].strip()
            assert first in html.unescape(page) or not first.isprintable()
        else:
            assert answer.status_code in {400, 422}

    @few(40)
    @given(st.dictionaries(
        st.sampled_from(["q", "group", "unit", "community", "since", "until", "tag", "order", "after", "stage", "lead", "type", "page", "from", "to"]),
        st.one_of(TEXT, st.dates().map(str), st.integers().map(str)), max_size=5,
    ))  # fmt: skip
    def test_a_list_bears_any_filter(self, office, seat, browser_of, asked):
        query = QueryDict(mutable=True)
        for name, value in asked.items():
            query[name] = value
        answer = browser_of(seat).get(f"{reverse('desk:cases')}?{query.urlencode()}")

        assert answer.status_code in {200, 302, 400}
        assert b"<script>probe" not in answer.content
