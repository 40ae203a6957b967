"""The customer whole, for staff: found, opened, read.

It stands above the doors because it reads what each of them left.
"""
