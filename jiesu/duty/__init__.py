"""值班: who is on shift when, who stands in, who came, and what one shift hands to the next.

Owns patterns, shifts and posts, absences and swaps, attendance, gaps in cover, handovers and notes.
Announces ``duty.gap_found``, ``duty.handed_over``.
"""
