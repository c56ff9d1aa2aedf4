"""ID tokens: checked once a minute, however many requests a page makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from common.errors import Unauthenticated
from common.web.firebase import remembered


class Google:
    def __init__(self) -> None:
        self.now = 1_000.0
        self.asked: list[str] = []
        self.email_of = remembered(self._verify, now=lambda: self.now)

    async def _verify(self, token: str) -> Mapping[str, Any]:
        self.asked.append(token)
        if self.now >= 1_090:
            raise Unauthenticated("It has expired.")
        return {"email": f"{token}@example.com", "exp": 1_090}


async def test_a_token_is_checked_once_a_minute() -> None:
    google = Google()
    assert [await google.email_of(token) for token in ("a", "b", "a")] == [
        "a@example.com",
        "b@example.com",
        "a@example.com",
    ]
    assert google.asked == ["a", "b"]
    google.now += 61
    await google.email_of("a")
    assert google.asked == ["a", "b", "a"]


async def test_a_token_that_expires_is_good_no_longer_however_lately_it_was_checked() -> None:
    google = Google()
    google.now += 61
    await google.email_of("a")
    google.now = 1_090
    with pytest.raises(Unauthenticated):
        await google.email_of("a")


async def test_what_is_refused_is_not_remembered() -> None:
    google = Google()
    google.now = 2_000
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await google.email_of("a")
    assert len(google.asked) == 2
