"""An instance with another `SUPPRESSION_KEY` does nothing: it would write to everybody who is suppressed."""

from __future__ import annotations

import httpx
import pytest
from pydantic import SecretStr

from common.addresses.address import AddressHasher
from common.addresses.key_check import PATH, KeyCheck
from common.errors import Unavailable
from common.storage.documents import Query
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.composition import CustomersSettings, compose
from tests.support import HASHER, SETTINGS, ApiClient, identity_from_token

OTHER_KEY = "another key for the tests"


def customers(documents: MemoryDocuments, **settings: str) -> ApiClient:
    return ApiClient(
        compose(
            documents=documents,
            publisher=MemoryPublisher(),
            open_access=MemoryDocuments,
            verify_id_token=identity_from_token,
            settings=CustomersSettings(SETTINGS | settings),
        ).app
    )


async def suppress(documents: MemoryDocuments, email: str, **settings: str) -> httpx.Response:
    return await customers(documents, **settings)("POST", "/api/suppressions", json={"email": email})


async def test_request_with_another_key_is_not_answered() -> None:
    """The first key is noted; with another one the request is refused, and nothing is written."""
    documents = MemoryDocuments()
    assert (await suppress(documents, "a@example.com")).status_code == 200
    refused = await suppress(documents, "b@example.com", SUPPRESSION_KEY=OTHER_KEY)
    assert (refused.status_code, "SUPPRESSION_KEY" in refused.text) == (503, True)
    assert (await suppress(documents, "a@example.com")).status_code == 200
    assert len(await documents.query(Query(collection="addresses"))) == 1


async def test_check_reads_once_and_keeps_only_a_fingerprint() -> None:
    """An instance that has the right key does not read again."""
    documents = MemoryDocuments()
    check = KeyCheck(documents=documents, hashes=HASHER)
    await check.require_known_key()
    assert SETTINGS["SUPPRESSION_KEY"] not in str((await documents.get(PATH)).data)
    with pytest.raises(Unavailable):
        await KeyCheck(documents=documents, hashes=AddressHasher(SecretStr(OTHER_KEY))).require_known_key()
