"""Imported once by the process that workers are forked from: all of the product, and no connection."""

import logging
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiesu.config.settings")
django.setup()
logging.getLogger("jiesu").setLevel(logging.ERROR)  # what goes well is told at the end
