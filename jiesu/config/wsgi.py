"""The pages: an ordinary Django application in a pool of threads with lasting connections."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiesu.config.settings")
application = get_wsgi_application()
