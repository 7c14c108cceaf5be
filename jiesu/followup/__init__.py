"""三率研判 (合同 主要需求 4): call-backs of the street, recordings listened to, what was really said.

Owns what was asked and answered (``CallBack``), the matters raised besides (``Matter``) and the recordings.
What a requester says now is a fact on the record of the case; a case that was not solved after all goes back
to its unit with a fresh clock. What counts in the assessment is not for this room to say.
"""
