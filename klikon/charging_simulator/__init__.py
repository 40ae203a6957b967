"""A prepaid charging system for tests and demonstrations, with a process and store of its own.

It keeps packages and validity of each number. A switch makes it work, slow down, go down, fail,
answer twice, late or never, contradict itself, or confirm and forget. It imports nothing of the
portal.
"""
