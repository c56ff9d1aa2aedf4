"""Whether the vendor and the channel of a campaign or a form can be used in this deployment."""

from __future__ import annotations

from collections.abc import Collection

from common.catalogue.vendors import VENDORS
from common.errors import FieldError, Invalid


def check_vendor(vendor: str, channel: str, available: Collection[str]) -> None:
    """Raises `Invalid`, at the field `vendor` or `channel`, if nothing can be sent so.

    `available` has the names of the vendors that this deployment has.
    """
    if vendor not in available:
        usable = ", ".join(name for name in VENDORS if name in available)
        raise _invalid("vendor", f"{_unavailable(vendor)} Available: {usable}.")
    record = VENDORS[vendor]
    if channel not in record.channels:
        usable = ", ".join(record.channels)
        raise _invalid("channel", f"The vendor {vendor!r} does not have the channel {channel!r}. Available: {usable}.")


def _unavailable(vendor: str) -> str:
    """Why the deployment does not have the vendor."""
    if vendor not in VENDORS:
        return f"There is no vendor {vendor!r}."
    missing = " and ".join(VENDORS[vendor].required_settings)
    return f"The vendor {vendor!r} is not available: this Herald does not have the settings {missing}."


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, fields=[FieldError(field=field, code="not_available", message=message)])
