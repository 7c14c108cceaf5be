"""一个月的模拟: the product's own verbs, tables and supervision on a clock that only events move.

Everything here plays people and the world around the product, or checks what it did; nothing in the
product knows of it. The simulated month lives in a database of its own that is dropped at the end.
"""
