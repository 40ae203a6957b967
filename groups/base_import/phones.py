"""Read numbers in SQL as superfamilja/values/phone.py does, for three million rows at a time.

A test checks that both read every number the same.
"""

from superfamilja.values import phone

_BLANKS = r" \t\n\r\f\v\u00a0().\-/"


def e164(column: str, shape: str) -> str:
    """Return SQL that reads the text in `column` as +355…, or as NULL when it is no such number.

    It tries the two most common spellings first, because they need no regular-expression rewrite.
    """
    bare = f"rtrim(regexp_replace({column}, '[{_BLANKS}]', '', 'g'), '+')"
    return (
        f"CASE WHEN {column} ~ '^\\+355{shape}$' THEN {column} "
        f"WHEN {column} ~ '^0{shape}$' THEN '+355' || substr({column}, 2) "
        f"WHEN {column} ~ '^[{_BLANKS}]*\\+*[0-9{_BLANKS}]+\\+*[+{_BLANKS}]*$' "
        f"THEN '+355' || substring({bare} FROM '^(?:\\++(?:00)?355|00355|355)?0?({shape})$') END"
    )


def msisdn(column: str) -> str:
    """Return SQL that reads a mobile number (superfamilja.values.phone.parse_msisdn)."""
    return e164(column, phone.MOBILE_SHAPE)


def fixed(column: str) -> str:
    """Return SQL that reads a fixed number (superfamilja.values.phone.parse_fixed)."""
    return e164(column, phone.FIXED_SHAPE)
