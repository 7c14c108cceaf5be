"""Acting on a case as a person does: open the form, send it, read what comes back."""

import re
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from jiesu.cases.models import Case

HTMX = {"HTTP_HX_REQUEST": "true"}


def open_form(browser: Client, address: str, case: Case, **headers: str) -> HttpResponse:
    return browser.get(reverse(address, args=[case.number]), **headers)


def send(browser: Client, address: str, case: Case, /, **fields: Any) -> HttpResponse:
    """POST as a browser without scripts does; every form carries its ``once``."""
    data = {"once": str(uuid4())} | fields
    return browser.post(reverse(address, args=[case.number]), data)


def send_htmx(browser: Client, address: str, case: Case, /, **fields: Any) -> HttpResponse:
    data = {"once": str(uuid4())} | fields
    return browser.post(reverse(address, args=[case.number]), data, **HTMX)


def sentences(answer: HttpResponse) -> list[str]:
    """Every error a person reads on the page: under the fields and above the form."""
    page = answer.content.decode()
    fields = re.findall(r'<ul class="error"[^>]*>(.*?)</ul>', page, re.S)
    under = [text for block in fields for text in re.findall(r"<span>(.*?)</span>", block, re.S)]
    above = re.findall(r'role="alert"><div>(.*?)</div></div>', page, re.S)
    return under + [text for block in above for text in re.findall(r"<p>(.*?)</p>", block, re.S)]
