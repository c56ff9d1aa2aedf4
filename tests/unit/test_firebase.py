"""ID tokens are verified at most once a minute, because a page makes many requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from common.errors import Unauthenticated
from common.web.firebase import cached, identity_of
from common.web.principal import Identity


def claims(email: str = "a@example.com", **changes: Any) -> dict[str, Any]:
    """The claims of a token after a sign-in with Google."""
    google = {"sign_in_provider": "google.com", "identities": {"google.com": ["117"], "email": [email]}}
    return {"sub": "firebase-uid", "email": email, "email_verified": True, "firebase": google, **changes}


class FakeFirebase:
    """Verifies every token; the tokens expire at 1,090 seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.verified: list[str] = []
        self.verify_id_token = cached(self._verify, clock=lambda: self.now)

    async def _verify(self, token: str) -> Mapping[str, Any]:
        self.verified.append(token)
        if self.now >= 1_090:
            raise Unauthenticated("The token has expired.")
        return claims(f"{token}@example.com") | {"exp": 1_090}


async def test_valid_token_is_verified_once_a_minute() -> None:
    """A valid token is verified again only after a minute."""
    firebase = FakeFirebase()
    assert [(await firebase.verify_id_token(token)).email for token in ("a", "b", "a")] == [
        "a@example.com",
        "b@example.com",
        "a@example.com",
    ]
    assert firebase.verified == ["a", "b"]
    firebase.now += 61
    await firebase.verify_id_token("a")
    assert firebase.verified == ["a", "b", "a"]


async def test_expired_token_is_refused_even_if_just_verified() -> None:
    """A token that expires within the minute is verified again, and refused."""
    firebase = FakeFirebase()
    firebase.now += 61
    await firebase.verify_id_token("a")
    firebase.now = 1_090
    with pytest.raises(Unauthenticated):
        await firebase.verify_id_token("a")


async def test_refused_token_is_not_cached() -> None:
    """A refused token is verified each time."""
    firebase = FakeFirebase()
    firebase.now = 2_000
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await firebase.verify_id_token("a")
    assert len(firebase.verified) == 2


async def test_fresh_answer_comes_from_firebase_each_time() -> None:
    """For what cannot be undone: an account that was disabled a moment ago is refused."""
    firebase = FakeFirebase()
    await firebase.verify_id_token("a")
    await firebase.verify_id_token("a", fresh=True)
    assert firebase.verified == ["a", "a"]
    await firebase.verify_id_token("a")
    assert firebase.verified == ["a", "a"]


def test_identity_is_googles_own_id_of_the_account() -> None:
    """Not Firebase's, which another account with the same address can get."""
    assert identity_of(claims()) == Identity(email="a@example.com", subject="117")


@pytest.mark.parametrize(
    "changes",
    [
        {"firebase": {"sign_in_provider": "password", "identities": {"email": ["a@example.com"]}}},
        {"firebase": {"sign_in_provider": "custom", "identities": {"google.com": ["117"]}}},
        {"firebase": {"sign_in_provider": "google.com", "identities": {}}},
        {"firebase": {"sign_in_provider": "google.com"}},
        {"firebase": None},
        {"email_verified": False},
        {"email": None},
    ],
)
def test_token_of_another_sign_in_is_refused(changes: dict[str, Any]) -> None:
    """Only Google vouches for an address: neither a password nor a program of the project does."""
    with pytest.raises(Unauthenticated):
        identity_of(claims() | changes)
