"""A customer field from end to end: import, rule, message and export. All but its types comes from one record."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

from common.audience import CUSTOMERS, Audience, compact
from common.events import RecipientSelected
from common.messages.templates import render
from common.rules import describe, parse
from common.storage.memory import MemoryDocuments
from customers.composition import CustomersSettings, compose
from tests.component.test_api_campaigns import NOW, CampaignsApiFixture
from tests.support import SETTINGS, ApiClient, identity_from_token

CSV = {"Content-Type": "text/csv"}
TABLE = "E-Mail,Company,City\nasha@example.com,Acme,Pune\nbela@example.com,Globex,Goa\n"


def customers_api(api: CampaignsApiFixture) -> ApiClient:
    """The API of customers on the same store."""
    function = compose(
        documents=api.documents,
        publisher=api.publisher,
        open_access=MemoryDocuments,
        verify_id_token=identity_from_token,
        settings=CustomersSettings(SETTINGS),
    )
    return ApiClient(function.app)


async def test_company_is_imported_filtered_sent_and_exported() -> None:
    """A column "Company" becomes the field; a rule, a message and the export have it, and the export goes in again."""
    api = CampaignsApiFixture()
    call = customers_api(api)
    imported = (await call("POST", "/api/customers", content=TABLE, headers=CSV)).json()
    assert (imported["created"], imported["rejected"]) == (2, 0)
    found = (await call("POST", "/api/customers/search", json={"filter": 'company = "Acme"', "sort": "company"})).json()
    assert [(item["email"], item["company"], item["attributes"]) for item in found["items"]] == [
        ("asha@example.com", "Acme", {})
    ]
    message = {"subject": "Hi", "body": "Greetings to {{ company }}"}
    campaign = (await api.campaign(text='company = "Acme"', message=message, personalization="template")).json()
    await api.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    await api.fan_out()
    [recipient] = [event for event in api.publisher.events if isinstance(event, RecipientSelected)]
    assert render(recipient.message, recipient.fields).body == "Greetings to Acme"
    table = (await call("GET", "/api/customers.csv")).content
    rows = csv.DictReader(io.StringIO(table.decode("utf-8-sig")))
    assert {row["email"]: row["company"] for row in rows} == {"asha@example.com": "Acme", "bela@example.com": "Globex"}
    again = (await call("POST", "/api/customers", content=table, headers=CSV)).json()
    assert (again["unchanged"], again["rejected"]) == (2, 0)


async def test_headings_of_a_company_are_recognized() -> None:
    """Each heading stands for the field, in British and American spelling."""
    call = customers_api(CampaignsApiFixture())
    for heading in ("company", "Company name", "ORGANISATION", "Organization", "firm"):
        table = f"email,{heading}\nasha@example.com,Acme\n"
        columns = (await call("POST", "/api/imports/columns", content=table, headers=CSV)).json()["columns"]
        assert [column["field"] for column in columns] == ["email", "company"]


def test_company_has_words_in_both_languages() -> None:
    """The description of a rule about the field reads naturally."""
    rule = parse('company = "Acme" OR company contains "me"')
    assert describe(rule, "INR") == "customers who have the company “Acme”, or who have “me” in their company"
    assert describe(rule, "INR", "hi") == "वे ग्राहक जिनकी कंपनी “Acme” है, या जिनकी कंपनी में “me” शामिल है"


async def test_blocks_without_the_column_are_still_read() -> None:
    """Blocks of the index that were written before the field existed read as customers without a company."""
    api = CampaignsApiFixture()
    await customers_api(api)("POST", "/api/customers", content=TABLE, headers=CSV)
    columns = {name: kind for name, kind in CUSTOMERS.columns.items() if name != "company"}
    await compact(api.documents, now=NOW, owner="older", table=replace(CUSTOMERS, columns=columns))
    audience = Audience(api.documents)
    assert await audience.count(parse("company is missing AND city = 'Pune'"), NOW) == 1
