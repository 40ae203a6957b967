"""SMPP: a process of its own passes messages on (`manage.py sms_gateway`), and the worker none."""


def send(message_id: str, to: str, text: str) -> None:
    """Never called: delivery leaves the outbox to the gateway when this is the transport."""
    raise AssertionError("the SMS gateway is a process of its own")
