"""The demo street: an invented month of work orders, the people who handle them, and their record.

Nothing here comes from a real order, office or person. The texts are templates written for this
project (``matters/*.toml``, ``slots.toml``), filled by a seeded generator; the office itself is the
rule-set file ``rulesets/offices/yangfangdian.toml``, whose units and communities are public.

Phones: no number may ring anywhere. Mobile numbers in China begin with 13 to 19, and 110, 119, 120,
122 and 123 open emergency and public-service numbers that an exchange may answer before the rest is
dialled. So the made-up mobiles are 11 digits that begin with 129, the prefix of a paging service long
switched off, and the made-up landlines are 010-0xxxxxxx: no local number begins with a 0.
"""
