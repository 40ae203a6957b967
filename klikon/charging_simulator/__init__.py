"""A prepaid charging system to try things on: a process of its own, with its own small store.

It keeps packages and validity of each number, and can be told to be fine, slow or down, to fail,
to answer twice, late or never, to contradict itself, and to say yes and forget. It imports nothing
of the portal.
"""
