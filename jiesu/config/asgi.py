"""What uvicorn serves: the pages, run in threads, and before them the streams of the live desk.

The pages are synchronous. Django's own ASGI handler makes a thread and a database connection for
each request; a fixed pool of threads keeps its connections (docs/decisions/0005-server-shape.md).
"""

from a2wsgi import WSGIMiddleware

from jiesu.config.wsgi import application as pages
from jiesu.desk.live.front import LiveFront

application = LiveFront(WSGIMiddleware(pages, workers=8))
