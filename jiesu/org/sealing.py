"""Sealing the secrets of accounts at rest, under a key derived from the ring's index key.

The month's keys of ``core.vault`` are destroyed with the cases of their month; an account outlives them.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jiesu.core import vault


class CannotBeOpened(ValueError):
    """It was sealed with another key."""


def seal(secret: str) -> str:
    """Return the secret sealed."""
    return _key().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed.

    :raises CannotBeOpened: it was sealed with another key
    """
    try:
        return _key().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise CannotBeOpened("密钥换过了，原来的内容打不开。") from None


def _key() -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"jiesu.accounts").derive(vault.ring().index)
    return Fernet(urlsafe_b64encode(derived))
