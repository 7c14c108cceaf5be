"""Which ledgers there are: one more is one more ``Sheet`` in this list."""

from jiesu.ledger.duty_sheet import DUTY
from jiesu.ledger.rates import RATES
from jiesu.ledger.sheets import CASES, SIGNING, Sheet
from jiesu.ledger.supervision import SUPERVISION

# rows of cases, by the filter of cases
SHEETS: dict[str, Sheet] = {sheet.code: sheet for sheet in (CASES, SIGNING, SUPERVISION, RATES)}
# and those with rows and a filter of their own
ALL: dict[str, Sheet] = SHEETS | {DUTY.code: DUTY}
