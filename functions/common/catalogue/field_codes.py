"""The codes of field errors: one for each kind of problem, for programs and for the site's own texts.

A code is stable: a client may depend on it. Pydantic's many types are mapped to these codes, so that a client does not
depend on pydantic.
"""

from __future__ import annotations

from collections.abc import Mapping

FIELD_CODES: Mapping[str, str] = {
    "ambiguous": "Two segments have this name.",
    "amount_given": "Only an order or a refund has an amount.",
    "amount_missing": "An order or a refund needs an amount.",
    "attributes": "The attributes are too large, too deep, or have a name or value that is not allowed.",
    "cells": "The row has another number of cells than the header.",
    "characters": "The text has a character that is not allowed.",
    "charset": "The encoding of the body is unknown.",
    "csv": "The row is not valid CSV.",
    "currency": "Amounts are in the deployment's currency.",
    "cursor": "The cursor is not the `next` of a page of this list.",
    "consent": "The word says neither yes nor no, so it counts as no consent.",
    "cycle": "Segments contain each other.",
    "date": "This is not a date or a time, or one that is not possible here.",
    "doubtful": "The cell can be read in several ways; `message` says how it was read.",
    "domain_admin": "A whole domain cannot be admin.",
    "email": "This is not an e-mail address.",
    "empty": "At least one entry is needed.",
    "encoding": "The row has bytes that are not text.",
    "forbidden_word": "The message has a word that the campaign or the deployment forbids.",
    "grouping": "A number in a list must be written without thousands separators.",
    "header": "The first line of a table must name the columns.",
    "identity": "What identifies the customer cannot change.",
    "in_use": "Something else uses it; the message says what.",
    "invalid": "The value is not valid.",
    "json": "This is not JSON, or not JSON of this form.",
    "language": "Texts in this language cannot be checked.",
    "misspelled": "The domain of the address is a common misspelling; `message` says what may be meant.",
    "missing": "A value is needed.",
    "nobody_matches": "No customer matches the audience.",
    "nobody_reachable": "All customers in the audience are excluded.",
    "not_available": "This deployment does not have it, or it cannot be used with the rest.",
    "not_found": "It does not exist.",
    "one_of": "Exactly one of several fields must be given.",
    "option": "The value is none of the possible ones.",
    "out_of_range": "The time is too far in the past or in the future.",
    "past": "The time is in the past.",
    "phone": "This is not a phone number.",
    "public_domain": "Anybody can have an address of this domain, so it cannot be a member.",
    "range": "The number is too small or too large; `limit` says where it ends.",
    "read_only": "Herald sets it itself.",
    "reused": "The `Idempotency-Key` was used for another request.",
    "several_customers": "Several customers have this address; the message says how to choose.",
    "suppressed": "This address must not be written to.",
    "syntax": "The rule cannot be read; `position` says where, and `suggestion` what may be meant.",
    "taken": "Another one has this name.",
    "timezone": "This is not a time zone.",
    "too_deep": "The value is nested too deeply.",
    "too_heavy": "The rule takes too much work.",
    "too_large": "The data is too large.",
    "too_long": "The text or list is too long; `limit` says how long it may be.",
    "too_many": "There are too many parts.",
    "too_short": "The text or list is too short; `limit` says how long it must be.",
    "type": "The value is of another kind than this field needs.",
    "undone": "The order was refunded in full or cancelled, so it counts nothing.",
    "unknown": "There is no such field here, or no such customer.",
    "unknown_channel": "There is no such channel.",
    "frequency_cap": "The cap is written like 3/7: at most 3 messages in 7 days.",
    "quiet_hours": "Quiet hours are written like 21:00-09:00.",
    "unknown_field": "There is no such field of customers; `suggestion` may have a similar one.",
    "unknown_message": "There is no such message.",
    "web_address": "The address must begin with https://.",
    "unknown_operator": "There is no such operator in rules.",
}
"""Each code, and what it means."""

PYDANTIC_CODES: Mapping[str, str] = {
    "extra_forbidden": "unknown",
    "unexpected_keyword_argument": "unknown",
    "string_too_long": "too_long",
    "bytes_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "bytes_too_short": "too_short",
    "too_short": "too_short",
    "greater_than": "range",
    "greater_than_equal": "range",
    "less_than": "range",
    "less_than_equal": "range",
    "multiple_of": "range",
    "finite_number": "range",
    "int_parsing_size": "range",
    "decimal_max_digits": "range",
    "decimal_max_places": "range",
    "decimal_whole_digits": "range",
    "enum": "option",
    "literal_error": "option",
    "union_tag_invalid": "option",
    "union_tag_not_found": "missing",
    "missing_argument": "missing",
    "json_invalid": "json",
    "json_type": "json",
    "string_pattern_mismatch": "invalid",
    "string_unicode": "characters",
    "value_error": "invalid",
    "assertion_error": "invalid",
}
DATE_PREFIXES = ("date", "time", "timezone")
TYPE_SUFFIXES = ("_type", "_parsing", "_from_float", "_attributes_type")


def field_code(error_type: str) -> str:
    """The code for the type of an error: pydantic's, or one of ours, which is the code itself."""
    if error_type in PYDANTIC_CODES:
        return PYDANTIC_CODES[error_type]
    if error_type in FIELD_CODES:
        return error_type
    if error_type.startswith(DATE_PREFIXES):
        return "date"
    return "type" if error_type.endswith(TYPE_SUFFIXES) else "invalid"
