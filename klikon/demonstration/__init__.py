"""A demonstration worth five minutes: a fictional world, and one page to play on.

Nothing here exists in production: its addresses are not included there, and a system check
refuses to start with them. What it writes, it writes through the verbs that everybody uses; the
one exception is named in `families.py`.
"""
