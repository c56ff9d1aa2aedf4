"""What a member chose for the columns of a file is saved, and offered for the next file with the same headings."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from common.storage.documents import Query, Update
from customers.imports import mappings as mappings_module
from tests.component.test_api_customers import CustomersApiFixture
from tests.support import logged_actions

CSV = {"content-type": "text/csv"}
PATH = "/api/imports/mappings"
FILE = b"Wer,Wann,Pin\na@example.com,03/04/2025,411001\n"
CHOICES = {"Wer": {"field": "email"}, "Wann": {"field": "last_active_at", "format": "mdy"}, "Pin": {"field": ""}}
MAPPING = {"name": "Shop export", "headings": ["Pin", "Wer", "Wann"], "columns": CHOICES}


@pytest.fixture
async def api() -> CustomersApiFixture:
    api = CustomersApiFixture()
    await api.add_members("viewer", "manager")
    return api


async def save(api: CustomersApiFixture, status: int = 200, by: str = "manager@example.com", **changes: Any) -> Any:
    answer = await api.call("PUT", PATH, json=MAPPING | changes, by=by)
    assert answer.status_code == status, answer.text
    return answer.json()


async def preview(api: CustomersApiFixture, content: bytes = FILE, **params: Any) -> Any:
    return (await api.call("POST", "/api/imports/previews", content=content, headers=CSV, params=params)).json()


async def test_saved_mapping_is_offered_for_the_next_file_of_that_shape_and_not_used(api: CustomersApiFixture) -> None:
    """In whatever order the headings are; with its columns the import does what was chosen."""
    saved = await save(api)
    shown = await preview(api, b"Pin,Wann,Wer\n411002,04/05/2025,b@example.com\n")
    assert [(one["name"], one["by"]) for one in shown["mappings"]] == [("Shop export", "manager@example.com")]
    assert shown["columns"][2]["field"] != "email"
    assert (await preview(api, FILE, what="activities"))["mappings"] == []
    assert (await preview(api, b"Wer,Wann,Pin,Mehr\na@example.com,,,\n"))["mappings"] == []
    [offered] = shown["mappings"]
    assert offered == saved | {"columns": offered["columns"]}
    columns = {"columns": json.dumps(offered["columns"])}
    assert [one["field"] for one in (await preview(api, FILE, **columns))["columns"]] == ["email", "last_active_at", ""]
    await api.call("POST", "/api/customers", content=FILE, headers=CSV, params=columns)
    [customer] = await api.all_customers()
    assert (customer["last_active_at"][:10], customer["attributes"]) == ("2025-03-04", {})


async def test_mapping_with_a_known_name_is_replaced_and_logged(api: CustomersApiFixture) -> None:
    """In any case; what is the same again writes nothing."""
    await save(api)
    await save(api)
    await save(api, name=" SHOP export ", columns={"Wer": {"field": "email"}}, by="admin@example.com")
    [listed] = (await api.call("GET", PATH)).json()["items"]
    assert (listed["name"], listed["by"], listed["columns"].keys()) == ("SHOP export", "admin@example.com", {"Wer"})
    assert len(await logged_actions(api.documents, "import mapping saved")) == 2
    await save(api, what="activities", columns={"Wer": {"field": "email"}})
    assert len((await api.call("GET", PATH)).json()["items"]) == 2


async def test_two_members_who_save_one_name_at_once_leave_one_mapping(api: CustomersApiFixture) -> None:
    """That of the last one, whole."""
    choices = [{"Wer": {"field": "email"}}, {"Wer": {"field": "phone"}}]
    await asyncio.gather(*(save(api, columns=one) for one in choices))
    [stored] = await api.documents.query(Query(collection="import_mappings"))
    assert json.loads(stored["columns"]) in choices


async def test_deleted_mapping_is_not_offered(api: CustomersApiFixture) -> None:
    """A second deletion is 404."""
    id_ = (await save(api))["id"]
    assert (await api.call("DELETE", f"{PATH}/{id_}")).status_code == 204
    assert (await api.call("DELETE", f"{PATH}/{id_}")).status_code == 404
    assert (await preview(api))["mappings"] == []
    [entry] = await logged_actions(api.documents, "import mapping deleted")
    assert (entry["mapping"], entry["name"]) == (id_, "Shop export")


async def test_column_whose_field_was_removed_is_left_out_and_named(api: CustomersApiFixture) -> None:
    """The others are still used, and the file can be imported."""
    id_ = (await save(api))["id"]
    columns = json.dumps({**CHOICES, "Pin": {"field": "shoe_size"}})
    await api.documents.commit([Update(f"import_mappings/{id_}", {"columns": columns})])
    [offered] = (await preview(api))["mappings"]
    assert (offered["outdated"], offered["columns"].keys()) == (["Pin"], {"Wer", "Wann"})
    assert (await preview(api, columns=json.dumps(offered["columns"])))["problem"] is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"columns": {"Other": {"field": "email"}}}, "unknown"),
        ({"columns": {"Wer": {"field": "shoe_size"}}}, "unknown"),
        ({"columns": {"Wer": {"format": "odd"}}}, "option"),
        ({"columns": {}}, "too_short"),
        ({"name": " "}, "too_short"),
        ({"name": "a\x00b"}, "characters"),
        ({"what": "campaigns"}, "option"),
        ({"what": "suppressions", "columns": {"Wer": {"field": "consent.email"}}}, "unknown"),
        ({"headings": ["x" * 900], "columns": {"x" * 900: {"field": "attributes." + "y" * 20_000}}}, "too_large"),
    ],
)
async def test_mapping_that_no_file_can_use_is_refused(
    api: CustomersApiFixture, changes: dict[str, Any], code: str
) -> None:
    """The error names what is wrong."""
    assert (await save(api, 422, **changes))["errors"][0]["code"] == code


async def test_hindi_names_and_hostile_headings_are_kept_as_they_are(api: CustomersApiFixture) -> None:
    """Headings with points, quotation marks and tags are texts."""
    headings = ['a.b"c', "<b>ग्राहक</b>", "Wer"]
    columns = {'a.b"c': {"field": "attributes.x"}, "<b>ग्राहक</b>": {"field": ""}, "Wer": {"field": "email"}}
    saved = await save(api, name="दुकान की फ़ाइल", headings=headings, columns=columns)
    assert (saved["name"], saved["columns"].keys()) == ("दुकान की फ़ाइल", columns.keys())


async def test_mappings_are_limited_and_only_for_managers(
    api: CustomersApiFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more than allowed is refused, and an old one can still be changed."""
    monkeypatch.setattr(mappings_module, "MAX_MAPPINGS", 1)
    await save(api)
    assert "delete one" in (await save(api, 409, name="Another"))["detail"]
    await save(api, columns={"Wer": {"field": "email"}})
    await save(api, 403, by="viewer@example.com")
    assert (await api.call("GET", PATH, by="viewer@example.com")).status_code == 403
