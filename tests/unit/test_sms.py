"""SMS segments, as networks count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.messages.sms import GSM_BASIC, GSM_EXTENSION, sms_length


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "gsm", 0, 0),
        ("a", "gsm", 1, 1),
        ("a" * 160, "gsm", 160, 1),
        ("a" * 161, "gsm", 161, 2),
        ("a" * 306, "gsm", 306, 2),
        ("a" * 307, "gsm", 307, 3),
        ("€" * 80, "gsm", 160, 1),
        ("€" * 81, "gsm", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "gsm", 306, 3),  # the sign does not fit into the first 153, and is not divided
        ("a" * 151 + "€" + "a" * 153, "gsm", 306, 2),
        ("[{~|^}\\]", "gsm", 16, 1),
        ("ÄÖÜäöüß Ñ à @£¥", "gsm", 15, 1),
        ("ç", "ucs2", 1, 1),  # only the capital is in the alphabet
        ("“quoted”", "ucs2", 8, 1),
        ("₹500", "ucs2", 4, 1),
        ("न" * 70, "ucs2", 70, 1),
        ("न" * 71, "ucs2", 71, 2),
        ("न" * 134, "ucs2", 134, 2),
        ("न" * 135, "ucs2", 135, 3),
        ("😀" * 35, "ucs2", 70, 1),
        ("😀" * 36, "ucs2", 72, 2),
        ("😀" * 67, "ucs2", 134, 3),  # 33 in each segment: none is divided
        ("a" * 69 + "न", "ucs2", 70, 1),
        ("a" * 70 + "न", "ucs2", 71, 2),
    ],
)
def test_segments_are_counted_as_networks_do(text: str, encoding: str, units: int, segments: int) -> None:
    """160 and 153 septets, or 70 and 67 units of UCS-2."""
    length = sms_length(text)
    assert (length.encoding, length.units, length.segments) == (encoding, units, segments)


def test_alphabet_has_128_places() -> None:
    """One of the 128 places is the escape to the extension, which has ten."""
    assert (len(GSM_BASIC), len(GSM_EXTENSION)) == (127, 10)
    assert not GSM_BASIC & GSM_EXTENSION


@given(st.text(max_size=400), st.characters())
def test_longer_text_has_no_fewer_segments(text: str, letter: str) -> None:
    """A letter more never makes a message cheaper."""
    assert sms_length(text + letter).segments >= sms_length(text).segments
