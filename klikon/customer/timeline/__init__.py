"""The history of a customer: everything that happened, newest first, one line each.

`page` merges; `facts` and `acts` are where the lines come from; `line` is what they share. Who did
it and why is read by whoever may open the customer. Two things ask for more: what was refused, and
who looked.
"""
