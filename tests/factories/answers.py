"""Answers as a person reads them."""

import re


def unnumbered(text: bytes | str) -> str:
    """Return a page, or what a browser shows of it, without its own error number (错误编号)."""
    page = text.decode() if isinstance(text, bytes) else text
    return re.sub(r'(错误编号\s*(?:<b class="num">)?)\w+', r"\1", page)
