"""A column that is sealed as a whole: plain to the program, nothing to whoever reads the table."""

import json
from typing import Any

from django.db import models
from django.utils import timezone

from jiesu.core import vault
from jiesu.rules.moments import BEIJING


def this_month() -> str:
    """Return the month whose key seals what arrives now."""
    return f"{timezone.now().astimezone(BEIJING):%Y-%m}"


class SealedJSONField(models.BinaryField):
    """JSON, sealed under the month's key and bound to its column. Erased: None."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        try:
            return json.loads(vault.unseal(value, place=self._place))
        except vault.Gone:
            return None

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        sealed = None if value is None else self.sealed(value)
        return super().get_db_prep_value(sealed, connection, prepared)

    def sealed(self, value: Any) -> bytes:
        """Return a value as the column holds it, for who writes it by COPY."""
        plain = json.dumps(value, ensure_ascii=False).encode()
        return vault.seal(plain, place=self._place, month=this_month())

    @property
    def _place(self) -> str:
        return f"{self.model._meta.db_table}.{self.attname}"

    def deconstruct(self) -> Any:
        """To the database it is bytes."""
        named, _, args, options = super().deconstruct()
        return named, "django.db.models.BinaryField", args, options
