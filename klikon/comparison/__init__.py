"""Compare our orders with the charging system's after a restore (R36, ADR 0021).

`books` compares, `deciding` ends each line by two people, `charging` writes lost sales again.
"""
