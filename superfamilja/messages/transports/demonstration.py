"""Takes every message and sends none: the pages show what a phone would have got."""


def send(message_id: str, to: str, text: str) -> None:
    """Accept it. Forbidden in production by a system check."""
