"""The catalogue of packages, as history: what was on sale on a date, at what price (R5)."""

SUPER = "super"
