"""初核: what an arrival is about and who should have it, suggested with a probability and with reasons.

A suggestion is a suggestion: nothing here moves a case. No model, or one that fails, means no
suggestion, never a default. ``learning`` is the part that learns; it knows neither database nor pages.
"""
