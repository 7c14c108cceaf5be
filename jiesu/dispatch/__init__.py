"""派转: the case goes to its lead unit (主办) and assisting units (协办); 转派, 退派, 双派单.

Who has a case is ``cases.Assignment``, since access hangs on it; here stands only what is dispatched
automatically (自动派转): whether the office wishes it, and each one with how sure it was.
"""
