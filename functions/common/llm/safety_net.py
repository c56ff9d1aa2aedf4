"""The port to a second net: a service that looks at a text of Gemini after the guard has passed it. Off by default."""

from __future__ import annotations

from typing import Protocol


class SafetyNet(Protocol):
    """The port."""

    async def objection(self, text: str) -> str | None:
        """Why a text must not be sent; None if it may. Errors of the service are decided here, so it never raises."""
        ...


class NoSafetyNet:
    """Objects to nothing."""

    async def objection(self, text: str) -> str | None:
        return None


NO_NET = NoSafetyNet()
