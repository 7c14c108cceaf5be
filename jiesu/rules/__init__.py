"""规则: what the regulations say, as pure functions over plain data. No Django, no clock, no I/O."""
