"""Which ledgers there are: one more is one more ``Sheet`` in this list."""

from jiesu.ledger.sheets import CASES, SIGNING, Sheet
from jiesu.ledger.supervision import SUPERVISION

SHEETS: dict[str, Sheet] = {sheet.code: sheet for sheet in (CASES, SIGNING, SUPERVISION)}
