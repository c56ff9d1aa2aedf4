"""API keys: their form, and where they are stored.

A key is `hk_`, 40 random hexadecimal digits, and a checksum of 8: a mistyped or made-up key is refused without a read.

keys/{id}        name, role, by, created_at, expires_at
key_names/{hash} key   the id of the key with that name; created and deleted with the key
key_uses/{id}    at    when the key was last used; written by whichever function it was used at

The first two are in the access database, which only the function `members` may write. The last one is in the main one.

The id is a hash of the key. The key itself is not stored; that is safe, because it has 160 random bits.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
import zlib

from common.ids import stable_hash

KEY_PREFIX = "hk_"
KEY_FORM = re.compile(rf"{KEY_PREFIX}[0-9a-f]{{40}}([0-9a-f]{{8}})")


def new_key() -> str:
    """A new random key."""
    key = KEY_PREFIX + secrets.token_hex(20)
    return key + _checksum(key)


def is_well_formed(key: str) -> bool:
    """Whether the text has the form of a key, with the right checksum."""
    match = KEY_FORM.fullmatch(key)
    return match is not None and match[1] == _checksum(key[:-8])


def _checksum(key: str) -> str:
    return f"{zlib.crc32(key.encode()):08x}"


def key_id(key: str) -> str:
    """The id of a key: what it is called in lists and in the audit log."""
    return stable_hash("key", key)


def key_path(id_: str) -> str:
    """The document of a key."""
    return f"keys/{id_}"


def key_use_path(id_: str) -> str:
    """The document with the last use of a key. Every function may write it, and nothing depends on it."""
    return f"key_uses/{id_}"


def key_name_path(name: str) -> str:
    """The document that reserves the name of a key, in any case."""
    return f"key_names/{stable_hash('key name', name.casefold())}"


def normalized_name(name: str) -> str:
    """The name with one spelling for characters that look alike, such as full-width ones, and without outer spaces."""
    return unicodedata.normalize("NFKC", name).strip()
