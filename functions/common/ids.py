"""Identifiers: hashes of what they stand for, so that the same thing has the same id wherever it is met."""

from __future__ import annotations

import hashlib
import re
import secrets

BUCKETS = 64
"""In how many parts the customers are divided; fan-out is shared out by them."""

NOBODY = "erased"
"""Stands where the id of a customer was who is erased: that is a hash of what the person was known by."""

ID = r"^[0-9a-f]{1,64}$"
"""What every id looks like that Herald makes, so that `NOBODY` is none."""


def is_id(text: str) -> bool:
    return re.fullmatch(ID, text) is not None


def hashed(*parts: str) -> str:
    """32 hexadecimal digits. The parts' lengths count, so ("ab", "c") and ("a", "bc") differ."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.hexdigest()[:32]


def random_id() -> str:
    return secrets.token_hex(10)


def customer_id(kind: str, value: str) -> str:
    """The id of the customer known by `value`, where `kind` is "external_id", "email" or "phone"."""
    return hashed("customer", kind, value)


def bucket_of(customer: str) -> int:
    return int(hashed("bucket", customer), 16) % BUCKETS


def message_id(campaign: str, customer: str) -> str:
    """A person gets at most one message from a campaign: this is the one it can be."""
    return hashed("message", campaign, customer)
