"""A phone number without a country code is one of the deployment's country (`DEFAULT_REGION`), at every door."""

from __future__ import annotations

from typing import cast

import pytest

from common.errors import Misconfigured
from common.events import ProcessImportShard
from common.phones import normalize_phone, phones_without_country_in
from common.settings import RegionSettings
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.composition import CustomersFunction, CustomersSettings, compose, process_in_region
from tests.support import SETTINGS, ApiClient, IdCheckingStore, identity_from_token

AMERICAN = {"external_id": "7", "phone": "(415) 555-2671"}


def function_in(region: str) -> CustomersFunction:
    return compose(
        documents=IdCheckingStore(),
        publisher=MemoryPublisher(),
        open_access=MemoryDocuments,
        verify_id_token=identity_from_token,
        settings=CustomersSettings(SETTINGS | {"DEFAULT_REGION": region}),
    )


@pytest.mark.parametrize(("region", "phone"), [("US", "+14155552671"), ("IN", "+914155552671")])
async def test_phone_in_a_request_is_of_the_deployments_country(region: str, phone: str) -> None:
    """In the body of a request."""
    client = ApiClient(function_in(region).app)
    [added] = (await client("POST", "/api/customers", json=AMERICAN)).json()["results"]
    assert (await client("GET", f"/api/customers/{added['id']}")).json()["phone"] == phone


async def test_phone_in_an_import_is_of_the_deployments_country() -> None:
    """Also when the rows are processed later, by another function."""
    function = function_in("US")
    client = ApiClient(function.app)
    accepted = await client("POST", "/api/customers", json=[AMERICAN], params={"background": True})
    assert accepted.status_code == 202, accepted.text
    publisher = function.publisher
    assert isinstance(publisher, MemoryPublisher)
    [event] = publisher.events
    await process_in_region("US", function.import_jobs, function.import_undo, cast(ProcessImportShard, event))
    [listed] = (await client("GET", "/api/customers")).json()["items"]
    assert listed["phone"] == "+14155552671"


@pytest.mark.parametrize(("region", "phone"), [("US", "+14155552671"), ("IN", "+914155552671")])
async def test_phone_with_a_country_code_is_as_written(region: str, phone: str) -> None:
    """In every country."""
    with phones_without_country_in(region):
        assert normalize_phone(phone) == phone


def test_error_of_a_phone_names_the_code_of_the_country() -> None:
    """A shop in Germany is not told of India's."""
    with phones_without_country_in("DE"), pytest.raises(ValueError, match=r"\+49 …"):
        normalize_phone("123")


def test_region_is_india_unless_set() -> None:
    """Where nothing is configured."""
    assert RegionSettings.read({}).default_region == "IN"


@pytest.mark.parametrize("wrong", ["XX", "in", "India"])
def test_unknown_region_is_an_error(wrong: str) -> None:
    """It would reject every number without a country code."""
    with pytest.raises(Misconfigured, match=r"DEFAULT_REGION: .*write its code like IN"):
        RegionSettings.read({"DEFAULT_REGION": wrong})
