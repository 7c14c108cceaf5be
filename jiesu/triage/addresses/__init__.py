"""Addresses into parts: a linear-chain CRF over characters, trained on addresses somebody has marked.

Read it in this order: ``samples`` (marked addresses of a file), ``features`` (what a character says of its
place), ``chain`` (the mathematics of the chain), ``training``, ``model`` (what it answers), ``files``,
``measures``. Why it is so, and how good: docs/decisions/0019. Knows neither database nor pages.
"""
