"""Why a scheduled campaign did not start, as a code: for programs, and for the site's own texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from common.errors import HeraldError, Invalid

StartErrorCode = Literal["audience_gone", "rule", "vendor", "changed", "internal", "other"]
"""The segment of the campaign is gone; its rule is not valid any more; the deployment does not have the vendor or the
channel; it was changed after its start was checked; a fault of Herald; something else, which only the message says."""
NO_START_ERROR: Mapping[str, None] = {"start_error": None, "start_error_code": None}
"""The fields of a campaign that has another start, or none."""
OWN_CODES: Mapping[str, StartErrorCode] = {"changed_since_check": "changed", "internal_start_error": "internal"}


class InternalStartError(HeraldError):
    """It could not be started because of an internal error, which is in the log."""


def start_error_code(error: HeraldError) -> StartErrorCode:
    """The code of an error that a launch raised."""
    if error.code in OWN_CODES:
        return OWN_CODES[error.code]
    fields = {field.field for field in error.fields} if isinstance(error, Invalid) else set()
    if "segment_id" in fields:
        return "audience_gone"
    if fields & {"vendor", "channel"}:
        return "vendor"
    return "rule" if fields else "other"
