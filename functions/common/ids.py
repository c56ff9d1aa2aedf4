"""Identifiers. They are hashes of what they identify, so the same object gets the same id everywhere.

That of a customer needs the deployment's key: `AddressHasher.customer_id`.
"""

from __future__ import annotations

import hashlib
import re
import secrets

BUCKETS = 64
"""The number of parts that the customers are divided into. Fan-out runs once for each bucket."""

ERASED_CUSTOMER_ID = "erased"
"""Replaces the id of an erased customer, because anybody with the key can compute it from the person's address."""

ID_PATTERN = r"^[0-9a-f]{1,64}$"
"""The form of every id that Herald creates. `ERASED_CUSTOMER_ID` does not match it."""


def is_id(text: str) -> bool:
    """Whether Herald could have created this id."""
    return re.fullmatch(ID_PATTERN, text) is not None


def stable_hash(*parts: str) -> str:
    """32 hexadecimal digits. The length of each part is hashed too, so ("ab", "c") and ("a", "bc") differ."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.hexdigest()[:32]


def random_id() -> str:
    """20 random hexadecimal digits."""
    return secrets.token_hex(10)


def bucket_of(customer: str) -> int:
    """The bucket of a customer id, from 0 to `BUCKETS - 1`."""
    return int(stable_hash("bucket", customer), 16) % BUCKETS


TESTS_PREFIX = "test-"
FORMS_PREFIX = "form-"


def campaign_id_of_tests(campaign: str) -> str:
    """The campaign id of the test messages of a campaign. No campaign has it, so they are in no number."""
    return f"{TESTS_PREFIX}{campaign}"


def campaign_id_of_form(form: str) -> str:
    """The campaign id of the mails in which a form asks people to confirm. No campaign has it."""
    return f"{FORMS_PREFIX}{form}"


def form_of_campaign_id(campaign: str) -> str:
    """The form that such a campaign id is of."""
    return campaign.removeprefix(FORMS_PREFIX)


def is_of_form(campaign: str) -> bool:
    """Whether the campaign id is that of mails which ask people to confirm what they wrote into a form."""
    return campaign.startswith(FORMS_PREFIX)


def has_no_campaign(campaign: str) -> bool:
    """Whether the campaign id is that of messages which are in no campaign: test messages, and mails of forms."""
    return campaign.startswith((TESTS_PREFIX, FORMS_PREFIX))


def opt_out_id(vendor: str, event_id: str) -> str:
    """The id of what a vendor reported once, with this id of its own: somebody wants no more messages."""
    return stable_hash("opt out", vendor, event_id)


def message_id(campaign: str, customer: str) -> str:
    """The id of the only message that this customer can get from this campaign."""
    return stable_hash("message", campaign, customer)
