"""Whether a campaign's topic is one of the deployment's."""

from __future__ import annotations

from common.addresses.topics import read_topics
from common.errors import FieldError, Invalid
from common.storage.documents import Documents


async def check_topic(documents: Documents, topic: str | None) -> None:
    """Raises `Invalid`, at the field `topic`, for a topic that the deployment does not have."""
    if topic is None:
        return
    names = [known.name for known in await read_topics(documents)]
    if topic not in names:
        usable = ", ".join(names) or "none; an admin adds them in the settings"
        message = f"There is no topic {topic!r}. Available: {usable}."
        raise Invalid(message, fields=[FieldError(field="topic", code="not_available", message=message)])
