"""Walking a house: its pages read for links and forms, its addresses filled with good and bad values."""

from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from urllib.parse import urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse

LINKS = ("href", "action", "hx-get", "hx-post", "data-url", "data-undo")
MARK = "<i data-probe=1>"  # must never stand in a page as markup
HOSTILE = [
    "", " ", "0", "-1", "9" * 50, "1e400", "NaN", "１２３", "²", "null", "[]", "{}", '{"a": [1]}',
    "2026-13-40", "0001-01-01", "9999-12-31T23:59", "0000-00-00T25:61", "\0", "a\0b", "🦊", "\u202e\u200b",
    "\ufeff", "'", "'; DROP TABLE cases_case; --", "%s%d%(x)s", "%", "\\", "{{ 7*7 }}", "{% now %}",
    "../../etc/passwd", "//evil.example/", "https://evil.example/", "javascript:x()", "\r\nX-Evil: 1",
    MARK, f'"><script>{MARK}</script>', "=1+1", "字" * 5000, "a" * 20_000, "00000000-0000-0000-0000-000000000000",
]  # fmt: skip
BYTES = [
    b"", b"\0", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n" + b"0" * 64, b"PK\x03\x04" + b"\xff" * 64,
    b"<html><script>1</script>", "日期,名称,是否放假\n2027-01-01,元旦,1\n".encode(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    b"a = [1", b"\xff\xfe" * 40,
]  # fmt: skip
FILE_NAMES = ["a.pdf", "图.png", "表.xlsx", "../../x.docx", "a\0.csv", "x.toml", "a\u202egnp.exe", MARK + ".jpg", "长" * 300 + ".zip"]  # fmt: skip


@dataclass
class Field:
    """One field of a form as the page shows it."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)


@dataclass
class Form:
    url: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)


class Page(HTMLParser):
    """The links and forms of one page."""

    def __init__(self, url: str, text: str) -> None:
        super().__init__()
        self.url, self.links, self.forms = url, [], []
        self._form: Form | None = None
        self._select: Field | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in given}
        self.links += [urljoin(self.url, told[name]) for name in LINKS if told.get(name)]
        if tag == "form":
            url = urljoin(self.url, told.get("action") or told.get("hx-post") or self.url)
            self._form = Form(url, told.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag in {"input", "select", "textarea", "button"} and told.get("name") and self._form:
            kind = told.get("type", tag)
            made = self._form.fields.setdefault(told["name"], Field(told["name"], kind))
            if told.get("value"):
                made.values.append(told["value"])
            self._select = made if tag == "select" else None
        elif tag == "option" and self._select is not None:
            self._select.values.append(told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


@dataclass
class Atlas:
    """What a walk has found: addresses with real values and forms, by the name of their view."""

    urls: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    forms: dict[str, list[Form]] = field(default_factory=lambda: defaultdict(list))

    @property
    def names(self) -> list[str]:
        """Every field name that any form or filter has."""
        return sorted({n for forms in self.forms.values() for form in forms for n in form.fields})

    def walk(self, client: Client, *, each: int = 3, most: int = 250) -> int:
        """Read pages from the home page on, so many of each view; return how many were read."""
        waiting, seen, taken = ["/"], {"/"}, defaultdict(int)
        read = 0
        while waiting and read < most:
            url = waiting.pop(0)
            name = view_of(url)
            if name is None or taken[name] >= each:
                continue
            taken[name] += 1
            answer = client.get(url)
            read += 1
            if url not in self.urls[name]:
                self.urls[name].append(url)
            if goes := answer.headers.get("Location"):
                waiting.insert(0, goes)
            if answer.status_code != 200 or "text/html" not in answer.headers["Content-Type"]:
                continue
            page = Page(url, answer.content.decode())
            for form in page.forms:
                self._add(form)
            for link in page.links:
                parts = urlsplit(link)
                plain = parts.path + (f"?{parts.query}" if parts.query else "")
                if not parts.netloc and plain not in seen and len(seen) < 5000:
                    seen.add(plain)
                    waiting.append(plain)
        return read

    def _add(self, form: Form) -> None:
        name = view_of(form.url)
        if name is not None and len(self.forms[name]) < 6:
            self.forms[name].append(form)
            if urlsplit(form.url).path not in self.urls[name]:
                self.urls[name].append(urlsplit(form.url).path)


def view_of(url: str) -> str | None:
    """Return the name of the view behind an address of ours; None when there is none."""
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return None


def hostile_url(name: str, dice: Random) -> str | None:
    """Return an address of that view with values nobody gave out; None when it takes none."""
    space, _, last = name.rpartition(":")
    resolver = get_resolver()
    for part in filter(None, space.split(":")):
        resolver = resolver.namespace_dict[part][1]
    for possibility, *_ in resolver.reverse_dict.getlist(last):
        (_, words), *_ = possibility
        if not words:
            return None
    for _ in range(12):
        values = [dice.choice([*HOSTILE, "0", "99999999999", "abc"]) for _ in words]
        try:
            return reverse(name, args=values)
        except (NoReverseMatch, ValueError):
            continue
    return reverse(name, args=[dice.choice(["0", "99999999999", "9" * 30]) for _ in words])


def filled(form: Form, dice: Random, *, spoil: float) -> dict[str, object]:
    """Return what a form is sent with: what the page offers, each field spoilt with that chance."""
    sent: dict[str, object] = {}
    for name, one in form.fields.items():
        if one.kind == "file":
            sent[name] = SimpleUploadedFile(dice.choice(FILE_NAMES), dice.choice(BYTES))
        elif dice.random() < spoil:
            sent[name] = [dice.choice(HOSTILE) for _ in range(dice.choice((1, 1, 1, 3)))]
        elif one.values:
            sent[name] = dice.choice(one.values)
        elif one.kind in {"text", "textarea", "search"}:
            sent[name] = dice.choice(["已到现场核实", "3", "2026-12-01T10:00", MARK])
    return sent
