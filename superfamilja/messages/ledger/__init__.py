"""What left part by part, and what came back (ADR 0029): `book` writes it down, `matching` tells
which part a receipt is of, `centre_ids` knows the forms of an id."""
