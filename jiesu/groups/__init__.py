"""并案: finds the like of a case, and groups orders about one matter without ever merging them.

A group has one plan of action (办理方案); each order in it keeps its own reply, its own clocks and its own
rates. Owns the groups, who belongs to them, and the count of words by which likeness is weighed.
"""
