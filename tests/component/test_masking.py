"""Viewers see no e-mail address and no phone number of a customer, unless the deployment says otherwise."""

from __future__ import annotations

import time
from typing import Any

import pytest

from common.storage.documents import Create
from common.web.masking import mask_addresses, mask_text
from customers.commands.upsert import CustomerUpserts
from customers.composition import CustomersSettings
from customers.composition import compose as compose_customers
from customers.model.customer import CustomerInput
from tests.component.test_api_campaign_list import add
from tests.component.test_api_campaigns import NOW, CampaignsApiFixture
from tests.component.test_api_customers import CustomersApiFixture
from tests.component.test_api_messages import claim, person, record
from tests.support import HASHER, SETTINGS, ApiClient, identity_from_token

VIEWER, MANAGER = "viewer@example.com", "manager@example.com"
EMAIL, PHONE = "p1@example.com", "+919876543210"
PERSON: dict[str, Any] = {"external_id": "1", "email": EMAIL, "phone": PHONE, "name": "Asha"}
ATTRIBUTES: dict[str, Any] = {
    "second": "asha@home.example",
    "call": f"or {PHONE}",
    "o@x.in": [{"deep": EMAIL}],
    "by": EMAIL,
}
SECRET = (EMAIL, PHONE, "asha@home", "o@x.in")


def shown(text: str) -> list[str]:
    """The addresses that an answer has in clear."""
    return [address for address in SECRET if address in text]


async def customers_with_one() -> tuple[CustomersApiFixture, str]:
    """A customer with addresses everywhere."""
    api = await CustomersApiFixture().add_members("viewer", "manager")
    added = await api.call("POST", "/api/customers", json=PERSON | {"attributes": ATTRIBUTES})
    await api.call("PATCH", f"/api/customers/{added.json()['results'][0]['id']}", json={"consent": {"email": True}})
    visit = {"event_id": "1", "type": "visit", "at": "2026-01-01", "external_id": "1", "fields": {"from": EMAIL}}
    await api.call("POST", "/api/activities", json=visit)
    return api, added.json()["results"][0]["id"]


@pytest.mark.parametrize("path", ["/api/customers", "/api/customers/{id}"])
async def test_viewer_sees_customers_with_masked_addresses(path: str) -> None:
    """In the list and in the detail, also in attributes and activities; who recorded a consent is no customer."""
    api, customer = await customers_with_one()
    path = path.format(id=customer)
    assert shown((await api.call("GET", path, by=MANAGER)).text)
    answer = await api.call("GET", path, by=VIEWER)
    assert (answer.status_code, shown(answer.text)) == (200, [])
    assert "p•••@example.com" in answer.text
    assert "+91•••10" in answer.text
    assert "Asha" in answer.text
    if customer in path:
        assert answer.json()["consents"]["email"]["by"] == "admin@example.com"


@pytest.mark.parametrize("field", ["email", "phone", "external_id"])
async def test_viewer_cannot_sort_by_addresses(field: str) -> None:
    """The cursor of such a list has the address of the last customer."""
    api, _ = await customers_with_one()
    sort = {"sort": f"-{field}"}
    assert (await api.call("GET", "/api/customers", params=sort, by=VIEWER)).status_code == 403
    assert (await api.call("GET", "/api/customers", params=sort, by=MANAGER)).status_code == 200


async def test_deployment_can_show_addresses_to_viewers() -> None:
    """`VIEWERS_SEE_ADDRESSES=yes`."""
    api, customer = await customers_with_one()
    function = compose_customers(
        documents=api.documents,
        publisher=api.publisher,
        open_access=lambda: api.access,
        verify_id_token=identity_from_token,
        settings=CustomersSettings(SETTINGS | {"VIEWERS_SEE_ADDRESSES": "yes"}),
    )
    answer = await ApiClient(function.app)("GET", f"/api/customers/{customer}", by=VIEWER)
    assert (answer.json()["email"], answer.json()["phone"]) == (EMAIL, PHONE)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/campaigns/c/messages", None),
        ("GET", f"/api/campaigns/c/explanation?customer_id={person(1)}", None),
        ("POST", "/api/segments/preview", {"text": f'email = "{EMAIL}"'}),
        ("POST", "/api/segments/histogram", {"text": f'email = "{EMAIL}"', "field": "email"}),
        ("POST", "/api/segments/explanation", {"text": f'email = "{EMAIL}"', "customer_id": person(1)}),
    ],
)
async def test_viewer_sees_campaigns_with_masked_addresses(method: str, path: str, body: Any) -> None:
    """The messages, their texts and reasons, the people of a preview, and the values in an explanation."""
    api = CampaignsApiFixture()
    await api.access.commit([Create(f"members/{role}@example.com", {"role": role}) for role in ("viewer", "manager")])
    await CustomerUpserts(api.documents, hashes=HASHER).upsert([CustomerInput(**PERSON)])
    await add(api, "C", "finished", id_="c", launched_at=NOW)
    await claim(api, 1, body=f"Dear {EMAIL}")
    await record(api, 1, "failed", reason=f"no mailbox {EMAIL}", permanent=True)
    sent = {} if body is None else {"json": body}
    to_manager = await api.call(method, path, by=MANAGER, **sent)
    assert (to_manager.status_code, shown(to_manager.text)) == (200, [EMAIL]), to_manager.text
    to_viewer = await api.call(method, path, by=VIEWER, **sent)
    assert (to_viewer.status_code, shown(to_viewer.text)) == (200, []), to_viewer.text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("asha.rao+1@mail.example.co.in", "a•••@mail.example.co.in"),
        ("(o'neil@example.com, b@x.in)", "(o•••@example.com, b•••@x.in)"),
        ("Asha <ASHA@Example.com>", "Asha <A•••@Example.com>"),
        ("आशा@उदाहरण.भारत", "आ•••@उदाहरण.भारत"),
        ("call +91 98765-43210 now", "call +91•••10 now"),
        ("2026-01-01T00:00:00+05:30", "2026-01-01T00:00:00+05:30"),
        ("spend > 100 + 200", "spend > 100 + 200"),
        ("a @ b, 5@6", "a @ b, 5@6"),
    ],
)
def test_address_in_a_text_is_masked(text: str, masked: str) -> None:
    """The first letter and the domain stay, or the beginning and the end of a number; times and sums are left alone."""
    assert mask_text(text) == masked


def test_masking_keeps_who_did_something() -> None:
    """Members may see each other; below a name of theirs everything is masked as elsewhere."""
    answer = {"created_by": "m@x.in", "to": "a@x.in", "by": {"to": "a@x.in"}, "number": 5, "nothing": None}
    masked = {"created_by": "m@x.in", "to": "a•••@x.in", "by": {"to": "a•••@x.in"}, "number": 5, "nothing": None}
    assert mask_addresses(answer) == masked


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "a@" * 150_000, "a.a@a" * 60_000, "+1" * 150_000, "+" + "1 " * 150_000]
)
def test_masking_takes_linear_time(text: str) -> None:
    """A hostile text of 300,000 characters takes no longer than a second."""
    started = time.process_time()
    mask_text(text + "@")
    assert time.process_time() - started < 1
