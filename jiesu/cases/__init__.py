"""案件: the case, its record of events, who may see it, and the one write path."""
