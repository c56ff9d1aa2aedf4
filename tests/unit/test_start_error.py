"""The codes for why a scheduled campaign did not start."""

from __future__ import annotations

import pytest

from campaigns.lifecycle.approval import ApprovalNeeded, ChangedSinceCheck
from campaigns.model.start_error import InternalStartError, StartErrorCode, start_error_code
from common.errors import FieldError, HeraldError, Invalid, Refused


def _invalid(field: str, code: str) -> Invalid:
    return Invalid("x", fields=[FieldError(field=field, code=code, message="x")])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (_invalid("segment_id", "not_found"), "audience_gone"),
        (_invalid("rules", "not_found"), "rule"),
        (_invalid("vendor", "not_available"), "vendor"),
        (_invalid("channel", "not_available"), "vendor"),
        (ChangedSinceCheck(), "changed"),
        (InternalStartError(), "internal"),
        (ApprovalNeeded(), "other"),
        (Refused("Someone else changed the campaign at the same time; look at it again."), "other"),
        (Invalid("x"), "other"),
    ],
)
def test_start_error_code_of_an_error(error: HeraldError, code: StartErrorCode) -> None:
    """Each kind of reason that the site has a text for has its code; the message says the others."""
    assert start_error_code(error) == code
