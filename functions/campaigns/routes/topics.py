"""The topics of the deployment over HTTP: people can agree to each of them, or leave it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from common.addresses.topics import MAX_TOPICS, TOPICS_PATH, Topic, read_topics
from common.audit import audit_entry, audit_path
from common.storage.documents import Create, Put, Write
from common.storage.optimistic_commit import commit_with_retry
from common.web.auth import Admin, Viewer, guarded_router

from ..services import ServicesDep

router: APIRouter = guarded_router("/api/topics", tag="campaigns")


def _check_names(topics: list[Topic]) -> list[Topic]:
    names = [topic.name for topic in topics]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise PydanticCustomError("taken", "Two topics are called {name}. Give each its own name", {"name": repeated})
    return topics


class TopicList(BaseModel):
    """All topics, in the order in which people see them."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[Topic], Field(max_length=MAX_TOPICS), AfterValidator(_check_names)]


@router.get("", operation_id="list_topics")
async def list_topics(services: ServicesDep, member: Viewer) -> TopicList:
    """What messages of this deployment are about. At first there are no topics."""
    return TopicList(items=await read_topics(services.documents))


@router.put("", operation_id="replace_topics")
async def replace_topics(body: TopicList, services: ServicesDep, member: Admin) -> TopicList:
    """Replaces all topics. What people said about a topic that is missing is kept, and counts for campaigns that name
    it; no new campaign can name it. If the topic comes again under the same name, it is the same one."""
    entry_path = audit_path()

    async def build(_: int) -> tuple[None, Sequence[Write]]:
        stored = await services.documents.get(TOPICS_PATH)
        fields = {"topics": [topic.model_dump() for topic in body.items]}
        if stored.get("topics", []) == fields["topics"] or (await services.documents.get(entry_path)).exists:
            return None, []
        names = {"before": {"topics": _names(stored.get("topics", []))}, "after": {"topics": _names(fields["topics"])}}
        entry = audit_entry("topics changed", by=member.actor, at=services.clock(), path=entry_path, **names)
        write = Put(TOPICS_PATH, fields, stored.version) if stored.exists else Create(TOPICS_PATH, fields)
        return None, [write, entry]

    await commit_with_retry(services.documents, build)
    return body


def _names(topics: Sequence[dict[str, object]]) -> str:
    return ", ".join(str(topic["name"]) for topic in topics)
