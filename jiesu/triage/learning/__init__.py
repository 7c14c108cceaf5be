"""From messages with labels to a suggestion that says how sure it is. Plain data in, plain data out.

Read it in this order: ``samples`` (rows of a file), ``reading`` (a message as words and n-grams),
``vectors`` (n-grams as weighted rows), ``training`` (rows to a linear model), ``calibration`` (scores
to honest probabilities), ``model`` (what it answers, and why), ``files`` (how it is kept), ``alike``
(near-duplicates), ``measures`` and ``trial`` (how good it is). Why it is so: docs/decisions/0017.
"""
