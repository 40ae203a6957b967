"""A database that finds itself restored sells, tells and bills nothing (R36, ADR 0021).

`outside` is what stands beside the database, `inside` what the database says of itself, `judging`
compares the two, `standing` acts on it for every process, `ending` begins a new epoch.
"""
