"""Pages of staff behind the admin's sign-in: activation and acts that need no paper.

`act.py` is what the acts share; each calls one verb of the rooms below.
"""
