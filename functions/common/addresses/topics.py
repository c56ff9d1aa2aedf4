"""The topics of a deployment: what its messages are about, such as `newsletter` and `offers`.

    settings/topics   topics   name and labels of each, in the order in which people see them

People agree to messages on a channel, and to those about one topic on it. Both are consent statements, under one name
each: `email`, and `email_newsletter`. So all that holds for the first holds for the second: rules, imports, merges, and
what is stored about an address. No channel has an underscore in its name. Of the statements, a no to the channel is
stronger than any about a topic; where nothing is known about the topic, that about the channel counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from common.storage.documents import DocumentReader

TOPICS_PATH = "settings/topics"
MAX_TOPICS = 20
TOPIC_PATTERN = r"^[a-z][a-z0-9_]{0,29}$"
TopicName = Annotated[
    str, Field(pattern=TOPIC_PATTERN, description="such as newsletter: part of `consent.email_newsletter`")
]
TopicLabel = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class TopicLabels(BaseModel):
    """What people read, by language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: TopicLabel
    hi: TopicLabel


class Topic(BaseModel):
    """What some messages are about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: TopicName
    labels: TopicLabels


def consent_name(channel: str, topic: str | None) -> str:
    """Under which name the consent to messages on the channel, about the topic, is kept."""
    return f"{channel}_{topic}" if topic else channel


def channel_of_consent(name: str) -> str:
    """The channel that a consent is about, with or without a topic."""
    return name.partition("_")[0]


def consent_reason(
    channel: str, topic: str | None, consents: Mapping[str, bool], *, unknown_allowed: Collection[str]
) -> str | None:
    """Why what a person said, yes or no by name of the consent, excludes them; None if it does not."""
    to_channel, to_topic = consents.get(channel), consents.get(consent_name(channel, topic))
    if to_channel is False:
        return "no_consent"
    if to_topic is False:
        return "left_topic"
    is_unknown = to_channel is None and to_topic is None
    return "unknown_consent" if is_unknown and channel not in unknown_allowed else None


async def read_topics(documents: DocumentReader) -> list[Topic]:
    """The topics of the deployment, in their order; at first there are none."""
    stored = await documents.get(TOPICS_PATH)
    return [Topic.model_validate(topic) for topic in stored.get("topics", [])]
