"""What comes back about a sent message, ordered by severity: reports arrive late and in any order."""

from __future__ import annotations

from collections.abc import Iterable

from common.events import ReceiptKind

FEEDBACK: tuple[ReceiptKind, ...] = (
    "delivered", "opened", "clicked", "converted", "bounced", "unsubscribed", "complained"
)  # fmt: skip
"""From the best to the worst."""
ARRIVED: frozenset[ReceiptKind] = frozenset({"delivered", "opened", "clicked", "converted"})
"""The message is in the inbox."""
REFUSED: frozenset[ReceiptKind] = frozenset({"bounced", "unsubscribed", "complained"})
"""The address, or the person who has it, refuses messages."""


def most_severe(kinds: Iterable[ReceiptKind]) -> ReceiptKind | None:
    """The kind that says most: a late `delivered` never hides a `complained`. None without any feedback."""
    return max((kind for kind in kinds if kind in FEEDBACK), key=FEEDBACK.index, default=None)
