"""How many SMS a message takes for real people of its audience."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from pydantic import BaseModel

from common.audience import CustomerRow
from common.messages.sms import sms_length
from common.messages.templates import render

from ..model.campaign import CampaignResponse
from ..sending.recipients import message_fields
from ..services import CampaignServices


class SegmentEstimate(BaseModel):
    """How many SMS the message takes, as networks count them. Texts of Gemini can be longer or shorter."""

    total: int  # for everybody
    most: int  # for one of the people who were measured
    is_unicode: bool  # for somebody there are letters outside the GSM alphabet, so that 70 make an SMS instead of 160


def measure_segments(
    services: CampaignServices, campaign: CampaignResponse, rows: Sequence[CustomerRow], people: int
) -> SegmentEstimate | None:
    """The average of the people who were measured, for everybody; None on other channels, and for nobody."""
    if campaign.channel != "sms" or not rows:
        return None
    everybody = [message_fields(row, services.currency, services.zone) for row in rows]
    message = campaign.message
    texts = [render(message.text_in(message.language_for(fields)), fields) for fields in everybody]
    lengths = [sms_length(text.body) for text in texts]
    return SegmentEstimate(
        total=ceil(people * sum(length.segments for length in lengths) / len(lengths)),
        most=max(length.segments for length in lengths),
        is_unicode=any(length.encoding == "ucs2" for length in lengths),
    )


def most_segments(
    services: CampaignServices, campaign: CampaignResponse, rows: Sequence[CustomerRow]
) -> dict[str, int]:
    """By text, the most SMS that it takes for one of these people, also for those who get another text: there may be
    few who speak one of the languages."""
    everybody = [message_fields(row, services.currency, services.zone) for row in rows]
    return {
        name: max((sms_length(render(text, fields).body).segments for fields in everybody), default=0)
        for name, text in campaign.message.texts.items()
    }
