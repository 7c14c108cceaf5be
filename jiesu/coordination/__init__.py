"""协调: the hard ones. The four questions (四个能否) one after another, the whistle, and the queue of 无法确权.

Whoever cannot be said to own a matter is heard here on record, against a clock of its own, and a leader
decides: a dispatch, or a report upward (《街道办事处条例》第17条). Owns the coordinations and their statements.
"""
