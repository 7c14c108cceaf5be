"""The year tables an office adopted, read straight from a database that is up. Starts nothing, no Django.

For ``jiesu due``, which must answer in a moment; the product itself asks
``jiesu.catalogue.queries.calendar_of``.
"""

import psycopg

from jiesu.command.words import Stopped
from jiesu.core import postgres
from jiesu.rules.holidays import YearTable, table_of

PATIENCE = 2  # seconds for the database to answer


def adopted(street: str | None) -> dict[int, YearTable]:
    """Return the office's own years; none when nothing answers or nothing was adopted.

    :raises Stopped: there is no such office, or several and none was named
    """
    told = postgres.settings()
    options = {"host": told["HOST"], "port": told["PORT"], "user": told["USER"],
               "password": told.get("PASSWORD", ""), "dbname": told["NAME"], **told["OPTIONS"]}  # fmt: skip
    given = {name: value for name, value in options.items() if value}
    try:
        with psycopg.connect(**{"connect_timeout": PATIENCE, **given}) as link:
            return _rows(link, _office(link, street))
    except (
        psycopg.OperationalError,
        psycopg.errors.UndefinedTable,
        psycopg.errors.InsufficientPrivilege,
    ):
        if street is not None:
            raise Stopped("数据库没有应答，查不到该街道录入的节假日安排。") from None
        return {}


def _office(link: psycopg.Connection, street: str | None) -> int | None:
    """The named office, or the only one; several without a name matter only when one adopted years."""
    offices = link.execute("SELECT id, code, name FROM org_office ORDER BY id").fetchall()
    if street is not None:
        offices = [office for office in offices if street in office[1:]]
        if not offices:
            raise Stopped(f"没有代码或名称为“{street}”的街道。")
    if len(offices) > 1:
        if not link.execute("SELECT 1 FROM catalogue_holidaytable LIMIT 1").fetchone():
            return None
        names = "、".join(f"{name}（{code}）" for _, code, name in offices)
        raise Stopped(f"本机有多个街道：{names}。请用 --street 写明代码。")
    return offices[0][0] if offices else None


def _rows(link: psycopg.Connection, office: int | None) -> dict[int, YearTable]:
    rows = link.execute(
        "SELECT year, days, confirmed, source FROM catalogue_holidaytable"
        " WHERE office_id = %s AND replaced_at IS NULL",
        [office],
    ).fetchall()
    return {
        year: table_of(year, days, confirmed=confirmed, source=source)
        for year, days, confirmed, source in rows
    }
