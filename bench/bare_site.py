"""A bare Django application served as ours is (uvicorn, the pages in threads): one view, no database."""

from pathlib import Path

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.configure(
    SECRET_KEY="bare", ALLOWED_HOSTS=["*"], ROOT_URLCONF="bench.bare", MIDDLEWARE=[], INSTALLED_APPS=[],
    BASE_DIR=Path(__file__).parent,
)  # fmt: skip
application = WSGIMiddleware(get_wsgi_application(), workers=8)
