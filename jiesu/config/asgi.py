"""What uvicorn serves: a front that waits for the slow, the streams of the live desk, and the pages in threads.

The pages are synchronous. Django's own ASGI handler makes a thread and a database connection for
each request; a fixed pool of threads keeps its connections (docs/decisions/0005-server-shape.md).
What the front keeps from them: docs/decisions/0016-web-and-files.md.
"""

from a2wsgi import WSGIMiddleware

from jiesu.config.wsgi import application as pages
from jiesu.core.front import Front, files_last
from jiesu.desk.live import door
from jiesu.desk.live.front import PATH, LiveFront, session_key


async def known(cookies: str) -> bool:
    """True for the Cookie header of a member who is logged in."""
    key = session_key(cookies)
    return bool(key) and bool(await door.aside(door.inside, key))


inner = LiveFront(WSGIMiddleware(files_last(pages), workers=8))
application = Front(inner, known, streams=frozenset({PATH}))
