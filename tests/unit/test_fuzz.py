"""The targets of `make fuzz` hold for a few inputs each; `make fuzz` tries many more."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests.fuzz.__main__ import OPTIONS, FuzzResult, fuzz, fuzz_bytes
from tests.fuzz.decoding import decode_words
from tests.fuzz.targets import TARGETS, FuzzTarget


@pytest.mark.parametrize("name", TARGETS)
def test_target_answers_made_up_inputs(name: str) -> None:
    """It reads them, or says what is wrong with them."""
    result = fuzz(TARGETS[name], 0, options=settings(OPTIONS, max_examples=10))
    assert result.inputs >= 10
    fuzz_bytes(TARGETS[name], result, result.inputs + 20)


@pytest.mark.parametrize("name", TARGETS)
def test_all_bytes_give_an_input(name: str) -> None:
    """Whatever a fuzzer makes up, and the same bytes always the same input."""
    for data in (b"", b"\x00", bytes(range(256)), b"\xff" * 300):
        assert repr(TARGETS[name].decode(data)) == repr(TARGETS[name].decode(data))


def test_decoded_text_has_the_words_of_the_language_and_any_character() -> None:
    """A byte is a word; the highest ones begin characters, lone surrogates too."""
    assert decode_words(b"\x01\x00\x01", ["spend", "or"]) == "spend or"
    assert decode_words(bytes([0, 200, 0x01, 0xF6, 0x00]), ["spend"]) == "\U0001f600"
    assert decode_words(bytes([0, 208, 0x00, 0xD8, 0x00]), ["spend"]) == "\ud800"


def test_error_that_is_not_the_callers_fault_is_found() -> None:
    """A target that raises something else fails, with the bytes that it was made from."""

    def read(value: int) -> None:
        raise KeyError(value)

    target = FuzzTarget(TARGETS["rules"].inputs, TARGETS["rules"].decode, read)
    with pytest.raises(KeyError):
        fuzz(target, 0)
    with pytest.raises(KeyError) as error:
        fuzz_bytes(target, FuzzResult(), 1)
    assert "the input was made from b" in error.value.__notes__[0]
