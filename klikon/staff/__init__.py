"""The pages of staff behind the admin's sign-in: search, the customer whole, and what is done for
him without a paper. `act.py` is what the acts share; each calls one verb of the rooms below.
"""
