"""The facts of a message over HTTP, for its editor. Nothing is saved, and Gemini is not asked."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from common.events import MessageTemplate
from common.web.auth import Manager, guarded_router

from ..reports.message_facts import MessageFacts, facts_of

router = guarded_router("/api/campaigns/facts", tag="campaigns")


class MessageFactsRequest(BaseModel):
    """A message that need not be saved."""

    model_config = ConfigDict(extra="forbid")

    message: MessageTemplate


@router.post("", operation_id="find_facts")
async def find_facts(body: MessageFactsRequest, member: Manager) -> MessageFacts:
    """The message cut into prose, values and facts: Gemini writes the prose anew, and every fact stays as it is.

    A fact is whatever the guard would refuse in a generated text, and what is marked in `message.marked`.
    """
    return facts_of(body.message)
