"""The numbers of duty that hold for an office now."""

from datetime import datetime

from jiesu.catalogue.queries import rules_at
from jiesu.org.models import Office
from jiesu.rules.rota import DutyRules, duty_rules


def rules_of(office: Office, at: datetime) -> DutyRules:
    """Return what the office's rule set says of duty: one query."""
    return duty_rules(rules_at(office, at).whole)
