"""Whatever a free map may hold, the database and the audience index hold too."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from common.audience import Audience
from common.ids import customer_id
from common.storage.documents import Documents
from customers.commands.upsert import Ingestion
from customers.model.customer import CustomerIn
from tests.support import HASHES

values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | st.text(),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["__a__", "a.b"]), some),
    max_leaves=8,
)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(), values, max_size=4), st.text(max_size=20))
async def test_what_is_valid_can_be_stored(documents: Documents, attributes: dict[str, Any], name: str) -> None:
    try:
        customer = CustomerIn.model_validate({"external_id": "7", "name": name, "attributes": attributes})
    except ValidationError:
        return
    await Ingestion(documents, hashes=HASHES).upsert([customer])
    stored = await documents.get(f"customers/{customer_id('external_id', '7')}")
    assert {key: stored["attributes"][key] for key in attributes} == attributes
    audience = Audience(documents)
    [row] = (await audience.rows([stored.id])).values()
    assert (row.name, row.attributes.keys()) == (stored["name"], stored["attributes"].keys())
