"""A webhook as the sender sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from common.storage.documents import Snapshot
from common.webhooks.store import WebhookState


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookTarget:
    """Where events go, and how they are signed."""

    id: str
    url: str
    secret: SecretStr
    previous_secret: SecretStr | None
    previous_until: datetime | None  # until then the previous secret signs, too
    state: WebhookState

    @classmethod
    def from_snapshots(cls, stored: Snapshot, state: Snapshot) -> WebhookTarget:
        """The webhook of its two documents."""
        previous = stored.get("previous_secret")
        return cls(
            id=stored.id,
            url=stored["url"],
            secret=SecretStr(stored["secret"]),
            previous_secret=SecretStr(previous) if previous else None,
            previous_until=stored.get("previous_until"),
            state=WebhookState.from_snapshot(state),
        )

    def secrets(self, now: datetime) -> list[SecretStr]:
        """Those that sign at this moment, the newest first."""
        is_valid = self.previous_secret and self.previous_until and now < self.previous_until
        return [self.secret, self.previous_secret] if is_valid and self.previous_secret else [self.secret]
