"""Roads out of the house for a short message: e-mail, and a signed webhook for messengers.

Each opens a session and gives a function that sends one message to one address. What comes in is
finished text; nothing here knows a case.
"""
