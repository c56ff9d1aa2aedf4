"""Google's errors as Herald's: only what the data is guilty of is permanent."""

from __future__ import annotations

import pytest
from google.api_core import exceptions as google

from common.errors import InvalidWrite, Unavailable
from common.storage.firestore import translate_errors


@pytest.mark.parametrize("error", [google.PermissionDenied, google.Unauthenticated, google.ServiceUnavailable])
def test_firestore_without_access_is_unavailable(error: type[google.GoogleAPICallError]) -> None:
    """A right that is missing for a minute must not dead-letter everything on its way."""
    with pytest.raises(Unavailable), translate_errors():
        raise error("no")


def test_firestore_with_an_invalid_argument_is_an_invalid_write() -> None:
    """A batch with such a write is split."""
    with pytest.raises(InvalidWrite), translate_errors():
        raise google.InvalidArgument("longer than 1048487 bytes")  # type: ignore[no-untyped-call]
