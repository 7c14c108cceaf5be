"""Finding our communities and units by the words an export uses for them."""

from datetime import datetime

from jiesu.catalogue.queries import places_at
from jiesu.org.models import Office, Unit
from jiesu.rules.places import plain


class Names:
    """The names and aliases of an office's units and the words it keeps for places, read once an import."""

    def __init__(self, office: Office, at: datetime) -> None:
        self._places = places_at(office, at)
        self._units: dict[str, Unit] = {}
        self._by_code: dict[str, Unit] = {}
        for unit in office.units.filter(active=True):
            self._by_code[unit.code] = unit
            for word in (unit.name, *unit.aliases):
                self._units.setdefault(plain(word), unit)

    def community(self, text: str) -> Unit | None:
        """Return the community of that name, with or without 社区 or 居委会 behind it."""
        found = self._places.in_field(text)
        return self._by_code[found] if found else None

    def placed(self, location: str) -> tuple[Unit, str] | None:
        """Return the community a place field names beyond doubt, and the words that name it."""
        found = self._places.in_location(location)
        if found.community is None:
            return None
        said = next(one.said for one in found.offered if one.sure)
        return self._by_code[found.community], said

    def unit(self, text: str) -> Unit | None:
        """Return the unit of that name or alias."""
        return self._units.get(plain(text)) or self.community(text) if text else None
