"""Attributes that pass validation can be stored in the database and in the audience index."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from common.audience import Audience
from common.storage.documents import Documents
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.support import HASHER, customer_id, examples

values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["__a__", "a.b"]), children)
    ),
    max_leaves=8,
)


@settings(
    max_examples=examples(20),  # each example writes to the emulator
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # the examples share a database
)
@given(st.dictionaries(st.text(), values, max_size=4), st.text(max_size=20))
async def test_valid_attributes_can_be_stored_and_indexed(
    documents: Documents, attributes: dict[str, Any], name: str
) -> None:
    """Whatever validation accepts is read back unchanged; an attribute that is null is none."""
    try:
        customer = CustomerInput.model_validate({"external_id": "7", "name": name, "attributes": attributes})
    except ValidationError:
        return
    await CustomerUpserts(documents, hashes=HASHER).upsert([customer])
    stored = await documents.get(f"customers/{customer_id('external_id', '7')}")
    given_values = {key: value for key, value in attributes.items() if value is not None}
    assert {key: stored["attributes"].get(key) for key in attributes} == {**dict.fromkeys(attributes), **given_values}
    audience = Audience(documents)
    [row] = (await audience.rows([stored.id])).values()
    assert (row.name, row.attributes.keys()) == (stored["name"], stored["attributes"].keys())
