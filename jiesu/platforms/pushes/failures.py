"""How sending fails, and what a sender is."""

from collections.abc import Callable
from datetime import datetime

TIMEOUT = 10.0  # seconds to wait for the other side

# to whom, the text, the key by which the other side knows a repeat, and when it is sent
Send = Callable[[str, str, str, datetime], None]


class Unreachable(Exception):
    """The channel does not work now: worth trying again later. The message says why, in Chinese."""


class Refused(Exception):
    """The other side does not take this one message; others may go. Trying again would not help."""
