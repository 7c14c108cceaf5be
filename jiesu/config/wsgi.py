"""The pages: an ordinary Django application in a pool of threads with lasting connections.

Here alone the database is told how long a page may wait for it: the worker's imports and exports
take as long as they take.
"""

import os
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiesu.config.settings")

PATIENCE = {  # of the database with one statement, one lock, one transaction that stands idle
    "statement_timeout": "20s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}


def limit(connection: Any, **told: Any) -> None:
    """Tell a new connection of the pages how long a statement may take."""
    with connection.cursor() as cursor:
        for name, span in PATIENCE.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, span])


connection_created.connect(limit, dispatch_uid="jiesu.pages.patience")
application = get_wsgi_application()
