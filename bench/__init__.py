"""Speed, measured beside what it is measured against, in the same run (``make bench``)."""

import os

os.environ.setdefault(
    "JIESU_RATES", "1000"
)  # what is measured is how quick pages are, not how often
