"""130: the call that activates a package.

One dialogue (`dialogue.py`, pure) for every way in; `facts.py` is its only way to the database.
"""
