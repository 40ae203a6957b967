"""Find, open and show the customer whole, for staff.

This room stands above the doors because it reads what each of them stored.
"""
