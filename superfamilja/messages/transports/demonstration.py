"""Accept every message and send none: the pages show what a phone would have got."""


def send(message_id: str, to: str, text: str) -> None:
    """Accept the message. A system check forbids this transport in production."""
