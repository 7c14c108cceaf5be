"""Markup in every text field of a whole street, looked at in a browser: it stands there as text, and nothing runs."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext
from python_calamine import CalamineWorkbook

from jiesu.ledger.register import SHEETS
from tests.factories.order_files import HEADERS, ROW, make_workbook
from tests.house.walking import Form, Page, view_of
from tests.journeys.conftest import PASSWORD
from tests.journeys.served import Product, product

PAYLOADS = [
    "<img data-probe=1 src=x onerror=window.ran=1>",
    "\"'><svg data-probe=1 onload=window.ran=1>",
    "</textarea><script data-probe=1>window.ran=1</script>",
    "</title><a data-probe=1 href=javascript:window.ran=1>x</a>",
    "=cmd|' /C calc'!A0<b data-probe=1>",
]
NUMBER = "热线-261019-020099"
WHO = ("zuoxi01", "shenhe01", "minsheng01", "lingdao01", "guanli01")
LEAVE = re.compile(r"login|logout|password|active|reset|session|passkey|factor|totp|grant|end|accounts|sso|/duty/leave|drop|forget|discard")  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
WATCH = """
window.csp = [];
document.addEventListener("securitypolicyviolation", (e) => window.csp.push(e.violatedDirective + " " + e.blockedURI));
"""


@pytest.fixture(scope="module")
def street() -> Iterator[Product]:
    with product("demo") as served:
        served.env["JIESU_RATES"] = "1000"
        served.start("--demo")
        yield served


@pytest.fixture(scope="module")
def hostile(street: Product, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A workbook with markup in every cell that will hold it, taken in by the command."""
    spare = iter(PAYLOADS * len(HEADERS))
    texts = {"标题", "内容", "人", "点位", "地址", "社区", "企业", "分类", "标签", "结果", "性质"}
    row = [
        NUMBER if "编号" in head else next(spare) if any(word in head for word in texts) else value
        for head, value in zip(HEADERS, ROW, strict=True)
    ]
    path = make_workbook(tmp_path_factory.mktemp("probe") / "a.xlsx", [HEADERS, row])
    done = street.do("import", "orders", str(path), check=False)
    assert done.returncode == 0, done.stderr


class Member:
    """One member in a window of their own; pages are read and forms sent over its session."""

    def __init__(self, chromium: Browser, url: str, username: str) -> None:
        self.url, self.username = url, username
        self.window: BrowserContext = chromium.new_context(locale="zh-CN", accept_downloads=True)
        self.window.add_init_script(WATCH)
        page = self.get("/login/")
        (form,) = [one for one in Page("/login/", page.text()).forms if "password" in one.fields]
        self.send(form, {"username": username, "password": PASSWORD})

    def get(self, path: str) -> APIResponse:
        return self.window.request.get(self.url + path, max_redirects=3)

    def send(self, form: Form, told: dict[str, object]) -> APIResponse:
        token = form.fields["csrfmiddlewaretoken"].values[0]
        data = {"csrfmiddlewaretoken": token} | told
        return self.window.request.post(
            self.url + form.url, multipart=data, headers={"Referer": self.url + "/"}, max_redirects=0,
        )  # fmt: skip


def errors_of(street: Product) -> list[str]:
    """What the product's log says of what broke."""
    log = street.folder.parent / f"{street.folder.name}.log"
    return [line for line in log.read_text().splitlines() if '"error"' in line][-2:]


def walk(one: Member, *, each: int = 1, most: int = 60) -> tuple[list[str], list[Form]]:
    """Return the pages a member comes to, so many of each kind, and the forms on them."""
    waiting, seen = ["/", f"/cases/{quote(NUMBER)}/"], set()
    taken: Counter[str | None] = Counter()
    pages, forms = [], {}
    while waiting and len(pages) < most:
        url = waiting.pop(0)
        name = view_of(url)
        if name is None or taken[name] >= each or LEAVE.search(url):
            continue
        taken[name] += 1
        answer = one.get(url)
        if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
            continue
        pages.append(url)
        told = Page(url, answer.text())
        for form in told.forms:
            typed = [f for f in form.fields.values() if f.kind in {"text", "textarea", "search"}]
            if form.method == "post" and typed and not LEAVE.search(form.url):
                forms.setdefault(re.sub(r"\d+|热线[^/]+", "#", form.url), form)
        for link in told.links:
            parts = urlsplit(link)
            plain = parts.path + (f"?{parts.query}" if parts.query else "")
            if not parts.netloc and plain not in seen:
                seen.add(plain)
                waiting.append(plain)
    return pages, list(forms.values())


def filled(form: Form, spare: Iterator[str]) -> dict[str, object]:
    told: dict[str, object] = {}
    for name, field in form.fields.items():
        if field.kind == "file":
            told[name] = {"name": f"{next(spare)}.png", "mimeType": "image/png", "buffer": PNG}
        elif field.kind in {"text", "textarea", "search"}:
            told[name] = next(spare)
        elif any(field.values):
            told[name] = next(value for value in field.values if value)
    return told


def endless() -> Iterator[str]:
    while True:
        yield from PAYLOADS


@pytest.mark.browser
def test_markup_in_every_field_is_text_on_every_page_and_in_every_export(chromium, street, hostile, capsys):  # fmt: skip
    members = [Member(chromium, street.url, username) for username in WHO]
    spare, fields, came = endless(), 0, Counter()
    pages: dict[str, list[str]] = {}
    for one in members:
        pages[one.username], forms = walk(one)
        for form in forms:
            answer = one.send(form, filled(form, spare))
            fields += sum(
                f.kind in {"text", "textarea", "search", "file"} for f in form.fields.values()
            )
            came[answer.status] += 1
            assert answer.status < 500, (one.username, form.url, errors_of(street))
    looked = 0
    told: list[str] = []
    for one in members:
        told += look(one, pages[one.username])
        looked += len(pages[one.username])
    exports = take_out(members[0])

    with capsys.disabled():
        print(f"\n{fields} fields filled ({dict(came)}), {looked} pages looked at, {len(exports)} exports")  # fmt: skip
    assert told == []
    assert looked > 100
    assert fields > 25
    case = members[0].window.new_page()
    case.goto(f"{street.url}/cases/{quote(NUMBER)}/")
    seen = case.inner_text("body")
    assert PAYLOADS[0].split(" ")[0] in seen
    assert "onerror=window.ran=1>" in seen
    for name, content in exports.items():
        formulas = [part for part in zipfile.ZipFile(io.BytesIO(content)).namelist()
                    if b"<f>" in zipfile.ZipFile(io.BytesIO(content)).read(part)]  # fmt: skip
        assert formulas == [], name
    cells = [str(cell) for content in exports.values() for sheet in _sheets(content) for row in sheet for cell in row]  # fmt: skip
    assert any("onerror=window.ran=1>" in cell for cell in cells)


def _sheets(content: bytes) -> Iterator[list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        yield book.get_sheet_by_name(name).to_python()


def look(one: Member, pages: list[str]) -> list[str]:
    """Open the pages in a browser; return whatever ran, was stopped from running, or asked outside."""
    told: list[str] = []
    page = one.window.new_page()
    page.on("dialog", lambda shown: (told.append(f"dialog {shown.message}"), shown.dismiss()))
    page.on("pageerror", lambda fault: told.append(f"{page.url} error {fault}"))
    page.on("request", lambda asked: None if asked.url.startswith((one.url, "data:", "blob:")) else told.append(f"asked {asked.url}"))  # fmt: skip
    say: Callable[[object], None] = lambda said: told.append(f"{page.url} {said.text}") if "Content Security Policy" in said.text else None  # noqa: E731  # fmt: skip
    page.on("console", say)
    for path in pages:
        page.goto(one.url + path, wait_until="load")
        found = page.evaluate(
            "() => [window.ran ?? 0, document.querySelectorAll('[data-probe]').length, window.csp]"
        )
        if found != [0, 0, []]:
            told.append(f"{one.username} {path}: {found}")
    page.close()
    return told


def take_out(one: Member) -> dict[str, bytes]:
    """Return the workbooks the member can take out: of the duty desk, and every ledger of the hostile case."""
    found: dict[str, bytes] = {}
    for path in ("/duty/xlsx/", "/supervision/xlsx/", "/ledger/duty/xlsx/"):
        answer = one.get(path)
        if answer.status == 200 and answer.body()[:2] == b"PK":
            found[path] = answer.body()
    for kind in SHEETS:
        answer = one.get(f"/ledger/{kind}/xlsx/?group=all&q={quote(NUMBER)}")
        if answer.status == 200 and answer.body()[:2] == b"PK":
            found[kind] = answer.body()
    return found
