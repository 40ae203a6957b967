"""The store desk: one customer's request from the first key to the filed paper.

A request is a `Draft` that survives a crash, a sign-out and a shift. Its act (`acts/`) says what it
does and calls one verb of the rooms below. What was signed is a `Paper`.
"""
