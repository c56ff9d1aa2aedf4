"""ID tokens are verified at most once a minute, because a page makes many requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from common.errors import Unauthenticated
from common.web.firebase import cached


class FakeFirebase:
    """Verifies every token; the tokens expire at 1,090 seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.verified: list[str] = []
        self.email_of = cached(self._verify, clock=lambda: self.now)

    async def _verify(self, token: str) -> Mapping[str, Any]:
        self.verified.append(token)
        if self.now >= 1_090:
            raise Unauthenticated("The token has expired.")
        return {"email": f"{token}@example.com", "exp": 1_090}


async def test_valid_token_is_verified_once_a_minute() -> None:
    """A valid token is verified again only after a minute."""
    firebase = FakeFirebase()
    assert [await firebase.email_of(token) for token in ("a", "b", "a")] == [
        "a@example.com",
        "b@example.com",
        "a@example.com",
    ]
    assert firebase.verified == ["a", "b"]
    firebase.now += 61
    await firebase.email_of("a")
    assert firebase.verified == ["a", "b", "a"]


async def test_expired_token_is_refused_even_if_just_verified() -> None:
    """A token that expires within the minute is verified again, and refused."""
    firebase = FakeFirebase()
    firebase.now += 61
    await firebase.email_of("a")
    firebase.now = 1_090
    with pytest.raises(Unauthenticated):
        await firebase.email_of("a")


async def test_refused_token_is_not_cached() -> None:
    """A refused token is verified each time."""
    firebase = FakeFirebase()
    firebase.now = 2_000
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await firebase.email_of("a")
    assert len(firebase.verified) == 2
