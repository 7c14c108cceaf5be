"""考核: what the city heard when it called back, how each case counts, and the rates that follow.

Two truths stand side by side: what the record says happened, and what the assessment makes of it. Owns the
call-back results, the standings (口径), the frozen cycles and the lost points. Results, standings and
frozen cycles are only ever added to; everything shown is worked out from them by ``rules/rates.py``.
"""
