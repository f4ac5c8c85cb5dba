"""Signatures of others: ECDSA over the curve P-256 with SHA-256, as SendGrid signs its Event Webhook."""

import binascii
from base64 import b64decode
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key


@cache
def read_public_key(text: str) -> ec.EllipticCurvePublicKey:
    """The key that a settings page shows as base64 (DER, SubjectPublicKeyInfo). Raises `ValueError`."""
    try:
        key = load_der_public_key(b64decode(text, validate=True))
    except (ValueError, TypeError) as error:
        raise ValueError("it must be the public key in base64, as the provider's page shows it") from error
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("it must be a key of the curve P-256")


def is_signed(key: ec.EllipticCurvePublicKey, signature: str, content: bytes) -> bool:
    """Whether the base64 `signature` is the key's over `content`."""
    try:
        key.verify(b64decode(signature, validate=True), content, ec.ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
