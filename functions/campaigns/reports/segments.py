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
    texts = [render(campaign.message, message_fields(row, services.currency, services.zone)) for row in rows]
    lengths = [sms_length(text.body) for text in texts]
    return SegmentEstimate(
        total=ceil(people * sum(length.segments for length in lengths) / len(lengths)),
        most=max(length.segments for length in lengths),
        is_unicode=any(length.encoding == "ucs2" for length in lengths),
    )
