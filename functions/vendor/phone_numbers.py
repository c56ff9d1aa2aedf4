"""What kind of line a phone number is."""

from __future__ import annotations


def is_landline(number: str) -> bool:
    """Whether the number surely cannot get an SMS. In some countries, such as the United States, no number tells."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False  # the vendor says what is wrong with it
    return bool(phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE)
