"""The vendors over HTTP, and the channels of each."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel

from common.catalogue.channels import CHANNELS
from common.catalogue.vendors import VENDORS, VendorRecord
from common.web.auth import Viewer, guarded_router

from ..services import ServicesDep

router = guarded_router("/api/vendors", tag="campaigns")


class ChannelOption(BaseModel):
    """A channel that a campaign can use."""

    name: str
    label: str
    has_subject: bool  # whether the person sees the subject of a message


class VendorOption(BaseModel):
    """A vendor that Herald knows."""

    name: str
    label: str
    hint: str
    channels: list[ChannelOption]  # a campaign can use only these
    sends_real_messages: bool  # false if no person ever gets a message
    available: bool  # whether this deployment has its settings; otherwise campaigns cannot use it

    @classmethod
    def from_record(cls, record: VendorRecord, *, available: bool) -> Self:
        """The record of a vendor, and whether this deployment has it."""
        return cls(
            name=record.name,
            label=record.label,
            hint=record.hint,
            channels=[
                ChannelOption(name=name, label=CHANNELS[name].label, has_subject=CHANNELS[name].has_subject)
                for name in record.channels
            ],
            sends_real_messages=record.sends_real_messages,
            available=available,
        )


class VendorList(BaseModel):
    """All vendors, in the order of their records."""

    items: list[VendorOption]


@router.get("", operation_id="list_vendors")
async def list_vendors(services: ServicesDep, member: Viewer) -> VendorList:
    """All vendors that Herald knows, and which of them this deployment has."""
    options = [
        VendorOption.from_record(record, available=record.name in services.available_vendors)
        for record in VENDORS.values()
    ]
    return VendorList(items=options)
