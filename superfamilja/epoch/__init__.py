"""Stop selling, sending and billing on a database that was restored (R36, ADR 0021).

`outside` is the mark beside the database, `inside` is what the database says of itself, `judging`
compares the two, `standing` acts on the result in every process. A new epoch begins in
klikon/comparison/ending.py.
"""
