"""督办催办: watches the one table of clocks, reminds, climbs, alarms, and shows what is due.

Knows no stage by name: whoever starts a clock gets reminders for nothing. Owns reminders, their
notices and deliveries, the state of the channels and the daily lists of key times.
Announces ``supervision.daily_made``.
"""
