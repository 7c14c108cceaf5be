"""Addresses into parts: a small network under a chain (CRF) over characters, trained on marked addresses.

Read it in this order: ``samples`` (marked addresses of a file), ``features`` (what a character says of its
place), ``net`` (what the features say together), ``chain`` (the mathematics of the chain), ``training``,
``model`` (what it answers), ``files``, ``measures``. Why it is so, and how good: docs/decisions/0019. Knows
neither database nor pages.
"""
