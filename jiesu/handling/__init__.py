"""办理: accept, contact, visit, progress, extension, result, review, close.

Owns no table: what was done is on the case's record of events.
"""
