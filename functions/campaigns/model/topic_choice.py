"""Whether a campaign's topic is one of the deployment's."""

from __future__ import annotations

from common.addresses.topics import read_topics
from common.errors import FieldError, Invalid
from common.storage.documents import Documents


async def check_topic(documents: Documents, topic: str | None) -> None:
    """Raises `Invalid`, at the field `topic`, for a topic that the deployment does not have."""
    if topic is None:
        return
    names = await _names(documents)
    if topic not in names:
        usable = ", ".join(names) or "none; an admin adds them in the settings"
        message = f"There is no topic {topic!r}. Available: {usable}."
        raise Invalid(message, fields=[FieldError(field="topic", code="not_available", message=message)])


async def topic_if_kept(documents: Documents, topic: str | None) -> str | None:
    """The topic of a campaign that is copied; None if it was removed meanwhile: no copy could be launched with it."""
    return topic if topic and topic in await _names(documents) else None


async def _names(documents: Documents) -> list[str]:
    return [known.name for known in await read_topics(documents)]
