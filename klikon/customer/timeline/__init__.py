"""Show the history of a customer: everything that happened, newest first, one line each.

`page` merges; `facts` and `acts` produce the lines; `line` is what they share. Everybody who may
open the customer reads who did what and why. Refusals and looks need more permissions.
"""
