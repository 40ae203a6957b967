"""A demonstration of five minutes: a fictional world, and one page to play on.

Nothing of it exists in production: its addresses are left out there, and a system check refuses to
start with them. It writes through the same verbs as everything else; `families.py` names the one
exception.
"""
