"""First and last name: fields of their own, from which the name follows, and which messages take before a guess."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from common.events import RecipientSelected
from common.messages.plain_values import plain_fields
from common.messages.templates import render
from common.rules import describe, parse
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_company import customers_api
from tests.component.test_customer_round_trip import Herald

CSV = {"Content-Type": "text/csv"}


def names(customer: dict[str, Any]) -> tuple[str | None, str | None, str | None]:
    return customer["name"], customer["first_name"], customer["last_name"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"first_name": "Asha", "last_name": "Rao"}, ("Asha Rao", "Asha", "Rao")),
        ({"first_name": "Asha"}, ("Asha", "Asha", None)),
        ({"last_name": "Rao"}, ("Rao", None, "Rao")),
        ({"name": "Dr. A. Rao", "first_name": "Asha", "last_name": "Rao"}, ("Dr. A. Rao", "Asha", "Rao")),
        ({"name": None, "first_name": "Asha"}, ("Asha", "Asha", None)),
        ({"name": "Asha Rao"}, ("Asha Rao", None, None)),
    ],
)
async def test_name_is_what_was_given_or_follows_from_its_parts(
    row: dict[str, Any], expected: tuple[str | None, str | None, str | None]
) -> None:
    """A name is never taken apart in the record."""
    herald = Herald()
    assert names(await herald.get(await herald.add(external_id="7", **row))) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"last_name": "Sen"}, ("Asha Sen", "Asha", "Sen")),
        ({"last_name": None}, ("Asha", "Asha", None)),
        ({"name": "A. Rao"}, ("A. Rao", "Asha", "Rao")),
        ({"name": None}, ("Asha Rao", "Asha", "Rao")),
        ({"name": "A. Rao", "last_name": "Sen"}, ("A. Rao", "Asha", "Sen")),
        ({"first_name": None, "last_name": None}, ("Asha Rao", None, None)),
        ({"city": "Pune"}, ("Asha Rao", "Asha", "Rao")),
    ],
)
async def test_name_follows_a_change_of_its_parts(
    change: dict[str, Any], expected: tuple[str | None, str | None, str | None]
) -> None:
    """Somebody marries: one field changes, and the name with it. A change and a new row do the same."""
    changed, imported = Herald(), Herald()
    for herald in (changed, imported):
        id_ = await herald.add(external_id="7", first_name="Asha", last_name="Rao")
    assert (await changed.call("PATCH", f"/api/customers/{id_}", json=change)).status_code == 200
    await imported.add(external_id="7", **change)
    assert names(await changed.get(id_)) == names(await imported.get(id_)) == expected


async def test_put_says_the_name_or_lets_it_follow() -> None:
    """The name that it gives stays, whatever the parts are; without one it follows from them."""
    herald = Herald()
    id_ = await herald.add(external_id="7", first_name="Asha", last_name="Rao")
    got = await herald.get(id_)
    assert names(await herald.put(id_, got | {"last_name": "Sen"})) == ("Asha Rao", "Asha", "Sen")
    assert names(await herald.put(id_, got | {"last_name": "Sen", "name": None})) == ("Asha Sen", "Asha", "Sen")


async def test_name_of_another_form_stays() -> None:
    """Who is called otherwise than first and last name, keeps the name when one of these changes."""
    herald = Herald()
    id_ = await herald.add(external_id="7", name="Rao-ji", first_name="Asha")
    await herald.call("PATCH", f"/api/customers/{id_}", json={"last_name": "Sen"})
    assert names(await herald.get(id_)) == ("Rao-ji", "Asha", "Sen")


async def test_names_are_imported_filtered_sent_and_exported() -> None:
    """Columns become the fields; a rule, a message and the export have them, and the export changes nothing."""
    api = CampaignsApiFixture()
    call = customers_api(api)
    table = "E-Mail,Vorname,Nachname,Name\nasha@example.com,Asha,Rao,\nbela@example.com,,,Dr. B. Bela Sen\n"
    imported = (await call("POST", "/api/customers", content=table, headers=CSV)).json()
    assert (imported["created"], imported["columns"]["Vorname"]) == (2, "first_name")
    found = (await call("POST", "/api/customers/search", json={"filter": 'first_name = "asha"'})).json()
    assert [names(one) for one in found["items"]] == [("Asha Rao", "Asha", "Rao")]
    message = {"subject": "Hi {{ first_name }}", "body": "Dear {{ last_name | default('friend') }}"}
    campaign = (await api.campaign(text="everyone", message=message, personalization="template")).json()
    await api.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    await api.fan_out()
    sent = [event for event in api.publisher.events if isinstance(event, RecipientSelected)]
    texts = [render(one.message, one.fields) for one in sent]
    assert {(text.subject, text.body) for text in texts} == {("Hi Asha", "Dear Rao"), ("Hi Bela", "Dear friend")}
    exported = (await call("GET", "/api/customers.csv")).content
    [first, _] = sorted(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"))), key=lambda row: row["email"])
    assert (first["name"], first["first_name"], first["last_name"]) == ("Asha Rao", "Asha", "Rao")
    again = (await call("POST", "/api/customers", content=exported, headers=CSV)).json()
    assert (again["unchanged"], again["rejected"]) == (2, 0)


async def test_missing_first_name_counts_only_who_has_no_name() -> None:
    """The editor says for how many people a message needs a default."""
    api = CampaignsApiFixture()
    call = customers_api(api)
    rows = [{"email": "a@example.com", "first_name": "Asha"}, {"email": "b@example.com", "name": "Bela Sen"}]
    await call("POST", "/api/customers", json=[*rows, {"email": "c@example.com"}])
    message = {"subject": "Hi", "body": "{{ first_name }} {{ last_name }}"}
    campaign = (await api.campaign(text="everyone", message=message)).json()
    estimate = (await api.call("POST", f"/api/campaigns/{campaign['id']}/estimate")).json()
    assert estimate["missing"] == [{"field": "first_name", "count": 1}, {"field": "last_name", "count": 3}]


def test_plain_first_name_is_used_beside_a_name_that_is_not() -> None:
    """It was not guessed from the name; each value is judged by itself."""
    fields = {"name": "Win 1,000 at evil.example", "first_name": "Asha", "last_name": "call 98765"}
    assert plain_fields(fields).refused == ("name", "last_name")


def test_rules_about_names_are_described() -> None:
    """In both languages."""
    rule = parse('first_name = "Asha" AND last_name is missing')
    assert "first name" in describe(rule, "INR")
    assert "पहला नाम" in describe(rule, "INR", "hi")
