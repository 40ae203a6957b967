"""Seal stored secrets with the portal's own key."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def seal(purpose: str, text: str) -> str:
    """Return the text sealed; only the same purpose opens it."""
    return _keys(purpose).encrypt(text.encode()).decode()


def open_sealed(purpose: str, sealed: str) -> str:
    """Return the sealed text in clear. Raise cryptography.fernet.InvalidToken."""
    return _keys(purpose).decrypt(sealed.encode()).decode()


def _keys(purpose: str) -> MultiFernet:
    """Return the keys: the first one seals, the older ones still open what they sealed."""
    return MultiFernet(
        Fernet(urlsafe_b64encode(sha256(f"{purpose}:{key}".encode()).digest()))
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )
