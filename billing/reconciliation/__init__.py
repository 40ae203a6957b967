"""The books beside one another: what agrees, what does not, and since when (ADR 0031).

`kinds` says what is compared, `comparing` does it, `ways_out` ends what nobody can put right, and
`light` says in one colour how things stand. The product registers its own comparisons.
"""
