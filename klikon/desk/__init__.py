"""The store desk: one customer's request from the first key to the filed paper.

A request is a `Draft` that outlives a crash, a sign-out and a shift; what it does is said by its
act (`acts/`), which calls one verb of the rooms below; what was signed is a `Paper`.
"""
