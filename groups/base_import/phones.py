"""values/phone.py in SQL, for three million numbers at a time. A test holds the two together."""

from superfamilja.values import phone

_BLANKS = r" \t\n\r\f\v\u00a0().\-/"


def e164(column: str, shape: str) -> str:
    """SQL that reads the text in `column` as +355…, NULL when it is no such number.

    The two ways in which nearly every number comes are tried first.
    """
    bare = f"rtrim(regexp_replace({column}, '[{_BLANKS}]', '', 'g'), '+')"
    return (
        f"CASE WHEN {column} ~ '^\\+355{shape}$' THEN {column} "
        f"WHEN {column} ~ '^0{shape}$' THEN '+355' || substr({column}, 2) "
        f"WHEN {column} ~ '^[{_BLANKS}]*\\+*[0-9{_BLANKS}]+\\+*[+{_BLANKS}]*$' "
        f"THEN '+355' || substring({bare} FROM '^(?:\\++(?:00)?355|00355|355)?0?({shape})$') END"
    )


def msisdn(column: str) -> str:
    """A mobile number (superfamilja.values.phone.parse_msisdn)."""
    return e164(column, phone.MOBILE_SHAPE)


def fixed(column: str) -> str:
    """A fixed number (superfamilja.values.phone.parse_fixed)."""
    return e164(column, phone.FIXED_SHAPE)
