"""After a restore: our books beside those of the charging system, line by line (R36, ADR 0021).

`books` compares, `deciding` ends each line by two people, `charging` writes what was lost.
"""
