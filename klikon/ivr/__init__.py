"""130: the call that activates a package.

One dialogue (`dialogue/`, pure) serves every way in; `facts.py` is its only way to the database.
"""
