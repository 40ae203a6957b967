"""Configure the portal's log, which shows no personal numbers."""

import logging
import re
from typing import Any

# An Albanian number in any spelling, with its last three digits as in phone.masked.
_PHONE = re.compile(
    r"(?<!\d)"
    r"(?:(?:(?:\+|%2B|00)?355[\s\-/.]?\(?0?)|\(?0)"
    r"(?:6[789](?:[\s\-/.()]{0,2}\d){4}|[2-58](?:[\s\-/.()]{0,2}\d){4})"
    r"[\s\-/.]?(\d[\s\-/.]?\d[\s\-/.]?\d)(?!\d)",
    re.IGNORECASE,
)
# A personal number: letter, eight digits, letter.
_NID = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]\d{8}[A-Za-z](?![A-Za-z0-9])")


def redact(text: str) -> str:
    """Return the text without phone numbers (***567 stays) and without personal numbers (***)."""
    return _NID.sub("***", _PHONE.sub(lambda found: "***" + _digits(found[1])[-3:], text))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


class RedactingFormatter(logging.Formatter):
    """Redact the finished line, so that arguments and tracebacks are covered as well."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configuration(level: str) -> dict[str, Any]:
    """Return Django's LOGGING: all records to the standard error stream, redacted."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": RedactingFormatter,
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        # Otherwise Django's own handlers would write the same line again, unredacted.
        "loggers": {
            "django": {"handlers": [], "propagate": True, "level": level},
            "procrastinate": {"level": "WARNING"},
            # At DEBUG it writes whole PDUs in hexadecimal: numbers, texts, our password.
            "smpplib": {"level": "ERROR"},
        },
    }
