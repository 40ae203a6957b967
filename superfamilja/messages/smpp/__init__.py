"""SMS by SMPP 3.4: a process of its own that binds to the operator's centre (ADR 0029).

`coding` makes parts of a text, `session` is one bound connection, `bind` keeps one bound and passes
messages through it, `gateway` runs several. What left and what came back goes to
`superfamilja/messages/book.py`.
"""
