"""派转: the case goes to its lead unit (主办) and assisting units (协办); 转派, 退派, 双派单.

Owns no table: who has a case is ``cases.Assignment``, since access hangs on it.
"""
