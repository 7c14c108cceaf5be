"""Finding our communities and units by the words an export uses for them."""

import re
import unicodedata
from functools import lru_cache

from jiesu.org.models import Office, Unit

_NOISE = re.compile(r"[\s（）()·・、，,]+")
_TAIL = re.compile(r"(社区居民委员会|社区居委会|居民委员会|居委会|社区)$")


@lru_cache(maxsize=4096)  # an export says the same few hundred names over and over
def plain(text: str) -> str:
    """Fold width, blanks and brackets away: what is compared."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text))


class Names:
    """The names and aliases of an office's units, read once an import."""

    def __init__(self, office: Office) -> None:
        self._communities: dict[str, Unit] = {}
        self._units: dict[str, Unit] = {}
        for unit in office.units.filter(active=True):
            for word in (unit.name, *unit.aliases):
                self._units.setdefault(plain(word), unit)
                if unit.is_community:
                    self._communities.setdefault(_TAIL.sub("", plain(word)), unit)

    def community(self, text: str) -> Unit | None:
        """Return the community of that name, with or without 社区 or 居委会 behind it."""
        return self._communities.get(_TAIL.sub("", plain(text))) if text else None

    def unit(self, text: str) -> Unit | None:
        """Return the unit of that name or alias."""
        return self._units.get(plain(text)) or self.community(text) if text else None
