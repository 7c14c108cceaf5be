"""Before the product starts: every address has declared its right, or it does not start."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.checks import Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from jiesu.core import environment
from jiesu.org.rights import Right


@dataclass(frozen=True, slots=True)
class Address:
    route: str
    name: str
    right: Right | None
    by_itself: bool = False


def addresses() -> Iterator[Address]:
    """Yield every address of the product with the right its view declares (None: none declared)
    and whether pages ask it by themselves."""
    yield from _below(get_resolver(), "", "")


def _below(resolver: URLResolver, route: str, space: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _below(entry, here, inner)
        elif isinstance(entry, URLPattern):
            right = getattr(entry.callback, "right", None)
            alone = getattr(entry.callback, "by_itself", False)
            yield Address(f"/{here}", f"{space}{entry.name}", right, alone)


@register()
def every_address_declares_its_right(app_configs: Any, **kwargs: Any) -> list[Error]:
    """An address without a declared right is an error: the product does not start with it."""
    return [
        Error(f"address {address.route} declares no right", id="jiesu.E001")
        for address in addresses()
        if address.right is None
    ]


@register()
def single_sign_on_is_set_right(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A setting of single sign-on that cannot be read keeps the product from starting."""
    try:
        environment.single_sign_on()
    except ValueError as wrong:
        return [Error(str(wrong), id="jiesu.E002")]
    return []


@register()
def whom_to_ask_is_set_right(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A setting of second opinions that cannot be read keeps the product from starting."""
    try:
        environment.adviser()
    except ValueError as wrong:
        return [Error(str(wrong), id="jiesu.E003")]
    return []
