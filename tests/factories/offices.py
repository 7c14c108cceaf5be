"""The street that nearly every test begins with: established once by the product, copied row by row for each test."""

from django.db import connection, transaction
from django.forms import model_to_dict

from jiesu.catalogue.actions import DEFAULT_OFFICE, establish
from jiesu.catalogue.models import Category, CommunityDuty, RuleSet, UnitDuty
from jiesu.org.models import Office, Unit
from jiesu.trail.actions import leave
from jiesu.trail.models import Entry, Kind

PARTS = (Unit, UnitDuty, CommunityDuty, Category, RuleSet)


class Kept:
    """What ``establish`` leaves behind, aside in a schema of its own; its rows keep their numbers.

    Only the office itself has a new number each time: whatever a process remembers of an office is not
    another test's.
    """

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA kept")
            with transaction.atomic():
                office = establish(DEFAULT_OFFICE).office
                rows = {part: self._out(cursor, part._meta.db_table) for part in PARTS}
                self.office = model_to_dict(office, exclude=["id"])
                (entry,) = Entry.objects.filter(office=office.pk)
                self.said = {"subject": entry.subject, **entry.facts}
                transaction.set_rollback(True)
            for part, told in rows.items():
                table = part._meta.db_table
                cursor.execute(f"CREATE TABLE kept.of_{table} AS TABLE {table} WITH NO DATA")
                with cursor.copy(f"COPY kept.of_{table} FROM STDIN") as copy:
                    copy.write(told)
        self.lines = [self._copied(part) for part in PARTS]

    def again(self) -> Office:
        """Return the office as if it had just been established."""
        office = Office.objects.create(**self.office)
        with connection.cursor() as cursor:
            cursor.execute(";".join(self.lines).replace("#", str(office.pk)))
        leave(Kind.CHANGE, actor=None, office=office.pk, **self.said)
        return office

    @staticmethod
    def _out(cursor: object, table: str) -> bytes:
        with cursor.copy(f"COPY {table} TO STDOUT") as copy:  # type: ignore[attr-defined]
            return b"".join(copy)

    @staticmethod
    def _copied(part: type) -> str:
        names = [field.column for field in part._meta.local_fields]  # type: ignore[attr-defined]
        theirs = ", ".join("#" if name == "office_id" else f'"{name}"' for name in names)
        mine = ", ".join(f'"{name}"' for name in names)
        table = part._meta.db_table  # type: ignore[attr-defined]
        return f"INSERT INTO {table} ({mine}) SELECT {theirs} FROM kept.of_{table}"
