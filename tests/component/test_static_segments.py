"""Static segments: lists of people, which are used wherever a segment is."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

import pytest

from campaigns.sending.audience_plan import plan_lines
from common.audience.people_lists import SHARDS, PeopleList, read_list
from common.audience.reconciliation import reconcile
from common.errors import Unavailable
from common.events import RecipientSelected
from common.ids import BUCKETS
from common.storage.documents import Delete, Query, Write
from common.storage.memory import MemoryDocuments
from customers.commands import static_segments
from customers.commands.merge import CustomerMerges
from customers.composition import CustomersSettings, compose
from customers.routes import static_segments as static_segment_routes
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_import_undo import DyingStore
from tests.crash_points import SimulatedCrash
from tests.support import HASHER, SETTINGS, ApiClient, customer_id, identity_from_token

CSV = {"Content-Type": "text/csv"}
BIG = customer_id("external_id", "big")


class ListFixture(CampaignsApiFixture):
    """Both functions on one store, and a static segment that has nobody yet."""

    segment = ""

    def __init__(self) -> None:
        super().__init__()
        function = compose(
            documents=self.documents,
            publisher=self.publisher,
            open_access=MemoryDocuments,
            verify_id_token=identity_from_token,
            settings=CustomersSettings(SETTINGS),
            clock=self._tick,
        )
        self.people = ApiClient(function.app)

    async def create(self, name: str = "Guests") -> str:
        created = await self.call("POST", "/api/segments", json={"name": name, "kind": "static"})
        assert created.status_code == 201, created.text
        self.segment = str(created.json()["id"])
        return self.segment

    async def add(self, people: Any, mode: str = "add", status: int = 200) -> dict[str, Any]:
        path = f"/api/segments/{self.segment}/people?mode={mode}"
        body = {"content": people, "headers": CSV} if isinstance(people, str | bytes) else {"json": people}
        response = await self.people("POST", path, **body)
        assert response.status_code == status, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def names(self, rule: str = 'in segment "Guests"') -> list[str]:
        """Who matches, by the list of customers of the other function."""
        found = await self.people("POST", "/api/customers/search", json={"filter": rule, "sort": "external_id"})
        assert found.status_code == 200, found.text
        return [item["external_id"] or item["email"] for item in found.json()["items"]]

    async def details(self) -> dict[str, Any]:
        details: dict[str, Any] = (await self.call("GET", f"/api/segments/{self.segment}")).json()
        return details


@pytest.fixture
async def lists() -> ListFixture:
    lists = ListFixture()
    await lists.customers()
    await lists.create()
    return lists


async def test_list_of_ids_and_addresses_is_a_segment(lists: ListFixture) -> None:
    """Each form of a name is found; the answer says how many are known, and the segment has them everywhere."""
    answer = await lists.add([BIG, "small", "BIG@example.com", {"external_id": "lapsed"}, "nobody@example.com"])
    assert (answer["known"], answer["unknown"], answer["customers"], answer["entries"]) == (4, 1, 3, 4)
    assert await lists.names() == ["big", "lapsed", "small"]
    details = await lists.details()
    assert (details["kind"], details["count"], details["count_now"], details["entries"]) == ("static", 3, 3, 4)
    [listed] = (await lists.call("GET", "/api/segments")).json()["items"]
    assert (listed["kind"], listed["count"], listed["used_by"]) == ("static", 3, 0)
    inside = (await lists.call("GET", f"/api/segments/of/{BIG}")).json()["items"]
    assert [segment["name"] for segment in inside] == ["Guests"]


async def test_list_is_a_part_of_a_rule(lists: ListFixture) -> None:
    """A preview counts it as one part, also inside NOT; the explanation says whether the person is in it."""
    await lists.add(["big", "small"])
    rule = 'visits < 3 AND NOT in segment "guests" OR spend > 10000 AND in segment "Guests"'
    preview = (await lists.call("POST", "/api/segments/preview", json={"text": rule})).json()
    counts = {part["text"]: part["count"] for part in preview["parts"]}
    assert (preview["count"], counts['in segment "Guests"'], counts['NOT in segment "guests"']) == (1, 2, 1)
    body = {"text": rule, "customer_id": BIG}
    explained = (await lists.call("POST", "/api/segments/explanation", json=body)).json()
    assert {part["text"]: part["matches"] for part in explained["parts"]}['in segment "Guests"'] is True


async def test_preview_of_a_list_counts_the_excluded(lists: ListFixture) -> None:
    """Who has no address, gets no message, as with any other rule."""
    await lists.add(["big", "small"])
    preview = await lists.call(
        "POST", "/api/segments/preview", json={"text": 'in segment "Guests"', "channel": "email"}
    )
    assert preview.json()["excluded"] == {"no_address": 1}


async def test_campaign_is_sent_to_exactly_the_list(lists: ListFixture) -> None:
    """The plan has the people of the list at the launch; who is added later gets nothing."""
    await lists.add(["big", "lapsed"])
    message = {"subject": "Hi", "body": "Hi"}
    campaign = (await lists.campaign(text=None, segment_id=lists.segment, message=message)).json()
    launched = await lists.call("POST", f"/api/campaigns/{campaign['id']}/launch")
    assert launched.status_code == 202, launched.text
    await lists.fan_out()
    await lists.add(["small"])
    [recipient] = [event for event in lists.publisher.events if isinstance(event, RecipientSelected)]
    assert recipient.to == "big@example.com"
    stored = await lists.documents.get(f"campaigns/{campaign['id']}")
    planned = [line async for lines in plan_lines(lists.documents, stored) for line in lines]
    assert sorted(line.partition(" ")[0] for line in planned) == sorted([BIG, customer_id("external_id", "lapsed")])
    refused = await lists.call("DELETE", f"/api/segments/{lists.segment}")
    assert refused.status_code == 409
    [used] = (await lists.details())["campaigns"]
    assert used["name"] == "Diwali"


async def test_person_who_comes_later_joins(lists: ListFixture) -> None:
    """By an id or an address that nobody had; the person leaves with the address, until a change of the list."""
    await lists.add(["late@example.com", {"external_id": "future"}, {"phone": "+919812345678"}])
    assert await lists.names() == []
    assert (await lists.details())["entries"] == 3
    rows = [{"external_id": "1", "email": "Late@Example.com"}, {"external_id": "future"}, {"phone": "98123 45678"}]
    await lists.people("POST", "/api/customers", json=rows)
    assert len(await lists.names()) == 3
    assert (await lists.details())["count_now"] == 3
    one = customer_id("external_id", "1")
    await lists.people("PATCH", f"/api/customers/{one}", json={"email": "other@example.com"})
    assert len(await lists.names()) == 2
    await lists.people("PATCH", f"/api/customers/{one}", json={"email": "late@example.com"})
    assert (await lists.add(["big"]))["entries"] == 4
    await lists.people("PATCH", f"/api/customers/{one}", json={"email": "other@example.com"})
    assert len(await lists.names()) == 4


async def test_everybody_with_a_waiting_address_stays_after_a_change(lists: ListFixture) -> None:
    """A family has one mailbox: all of them are in the list before somebody else is added, and after."""
    await lists.add(["family@example.com", "+919812345678"])
    rows = [{"external_id": name, "email": "family@example.com"} for name in ("1", "2")]
    await lists.people("POST", "/api/customers", json=[*rows, {"external_id": "3", "phone": "98123 45678"}])
    assert await lists.names() == ["1", "2", "3"]
    await lists.add(["big"])
    assert await lists.names() == ["1", "2", "3", "big"]
    assert (await lists.details())["entries"] == 4


async def test_modes_add_remove_and_replace(lists: ListFixture) -> None:
    """Removing works by any name of the person, and for addresses that nobody has."""
    await lists.add(["big", "small", "no@example.com"])
    removed = await lists.add(["big@example.com", "no@example.com", "nothing@example.com"], mode="remove")
    assert (removed["known"], removed["entries"], removed["customers"]) == (1, 1, 1)
    assert await lists.names() == ["small"]
    await lists.add(["lapsed"], mode="replace")
    assert await lists.names() == ["lapsed"]
    emptied = await lists.add([], mode="replace")
    assert (emptied["entries"], await lists.names()) == (0, [])
    assert not await lists.documents.query(Query(collection="segment_people"))


async def test_dry_run_writes_nothing(lists: ListFixture) -> None:
    """It answers as the change would."""
    answer = await lists.people("POST", f"/api/segments/{lists.segment}/people?dry_run=true", json=["big", "x@y.in"])
    assert (answer.json()["known"], answer.json()["unknown"], answer.json()["entries"]) == (1, 1, 2)
    assert (await lists.details())["entries"] == 0


async def test_same_change_again_writes_nothing(lists: ListFixture) -> None:
    """A client that got no answer can send its request again."""
    first = await lists.add(["big", "big", "x@example.com"])
    assert first["repeated"] == 1
    version = (await read_list(lists.documents, lists.segment)).version
    assert await lists.add(["big", "big", "x@example.com"]) == first
    assert (await read_list(lists.documents, lists.segment)).version == version


@pytest.mark.parametrize(
    "file",
    [
        "E-Mail,Name\nbig@example.com,Big\n",
        "id,external_id,email\n" + BIG + ",big,\n",
        "Customer ID;Stadt\nbig;Ulm\n",
        "herald id\n" + BIG + "\n",
        "person\nbig\n",
    ],
)
async def test_file_with_a_column_of_names_is_a_list(lists: ListFixture, file: str) -> None:
    """Columns are recognized as in other files; the others are ignored."""
    assert (await lists.add(file))["known"] == 1
    assert await lists.names() == ["big"]


async def test_export_of_customers_is_a_list(lists: ListFixture) -> None:
    """The file of everybody, as Herald exports it, also packed."""
    table = (await lists.people("GET", "/api/customers.csv")).content
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("people.csv", table)
    answer = await lists.add(packed.getvalue())
    assert (answer["known"], answer["rejected"]) == (3, 0)
    assert await lists.names() == ["big", "lapsed", "small"]


async def test_row_that_names_nobody_is_left_out_with_the_reason(lists: ListFixture) -> None:
    """The others are added; a request without any valid row changes nothing."""
    answer = await lists.add(["big", "no@address@here", None, {"name": "Asha"}, "+91 1"])
    assert (answer["known"], answer["rejected"]) == (1, 4)
    assert [(one["row"], one["errors"][0]["code"]) for one in answer["rejections"]] == [
        (2, "email"),
        (3, "type"),
        (4, "missing"),
        (5, "phone"),
    ]
    refused = await lists.add(["no@address@here"], mode="replace", status=422)
    assert refused["errors"][0]["code"] == "email"
    assert await lists.names() == ["big"]
    assert (await lists.add([], status=422))["errors"][0]["code"] == "empty"


async def test_list_has_a_limit(lists: ListFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """One person too many is refused with the number, and the list stays as it was."""
    monkeypatch.setattr(static_segments, "MAX_ENTRIES", 100)
    await lists.add(["big"])
    refused = await lists.add([f"id-{number}" for number in range(100)], status=422)
    assert (refused["errors"][0]["code"], refused["errors"][0]["limit"]) == ("too_many", 100)
    assert "101" in refused["detail"]
    assert (await lists.details())["entries"] == 1
    assert (await lists.add([f"id-{number}" for number in range(99)]))["entries"] == 100


async def test_long_list_is_exact_in_every_shard(lists: ListFixture) -> None:
    """Each of its people is found again."""
    entries = ["big", *(f"id-{number}" for number in range(2_000))]
    answer = await lists.add(entries, mode="replace")
    assert (answer["entries"], answer["customers"]) == (2_001, 1)
    stored = await read_list(lists.documents, lists.segment)
    assert len(stored.shards) == SHARDS
    assert stored.content.people == {customer_id("external_id", entry) for entry in entries}
    assert await lists.names() == ["big"]


async def test_erased_person_leaves_no_trace(lists: ListFixture) -> None:
    """Neither the id nor the hash of the address stays, in any list."""
    await lists.add(["big@example.com", "small", "late@example.com"])
    await lists.people("POST", "/api/customers", json={"external_id": "late", "email": "late@example.com"})
    late = customer_id("external_id", "late")
    for erased in (BIG, late):
        assert (await lists.people("DELETE", f"/api/customers/{erased}")).status_code == 204
    left = (await read_list(lists.documents, lists.segment)).content
    assert left == PeopleList(people=frozenset([customer_id("external_id", "small")]))
    await lists.people("POST", "/api/customers", json={"external_id": "big", "email": "big@example.com"})
    assert await lists.names() == ["small"]


async def test_person_who_is_erased_during_a_change_is_not_in_the_list(
    lists: ListFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure has looked through the lists before the change is committed."""
    commit = lists.documents.commit

    async def erase_before(writes: Sequence[Write]) -> None:
        if any(write.path.startswith("segment_people/") for write in writes):
            monkeypatch.setattr(lists.documents, "commit", commit)
            assert (await lists.people("DELETE", f"/api/customers/{BIG}")).status_code == 204
        await commit(writes)

    monkeypatch.setattr(lists.documents, "commit", erase_before)
    await lists.add(["big", "small"])
    assert (await read_list(lists.documents, lists.segment)).content.people == {customer_id("external_id", "small")}


@pytest.mark.parametrize("entry", ["small", "small@example.com"])
async def test_merge_puts_the_kept_person_into_the_list(lists: ListFixture, entry: str) -> None:
    """Whether the other one is in it by id or by an address that was waiting; also when the list names them later."""
    await lists.add(["small@example.com"])
    await lists.people("POST", "/api/customers", json={"external_id": "small", "email": "small@example.com"})
    await CustomerMerges(lists.documents, hashes=HASHER).merge(BIG, customer_id("external_id", "small"), by="a@b.in")
    assert await lists.names() == ["big"]
    await lists.add([], mode="replace")
    assert (await lists.add([entry]))["known"] == 1
    assert await lists.names() == ["big"]


async def test_merge_that_was_cut_off_loses_nobody_for_ever(
    lists: ListFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died before it changed the lists, and nobody repeated the merge: the reconciliation does the rest."""
    await lists.add(["small"])

    async def die(*_: object) -> None:
        raise SimulatedCrash

    monkeypatch.setattr(CustomerMerges, "_move_in_lists", die)
    with pytest.raises(SimulatedCrash):
        await CustomerMerges(lists.documents, hashes=HASHER).merge(
            BIG, customer_id("external_id", "small"), by="a@b.in"
        )
    assert await lists.names() == []
    await reconcile(lists.documents, range(BUCKETS), full_scan=())
    assert await lists.names() == ["big"]
    assert (await lists.details())["entries"] == 1


async def test_merge_that_dies_at_any_commit_keeps_the_person_of_a_waiting_address() -> None:
    """The other record is in the list by an address that the kept one does not get, so nobody has it any more. The
    reconciliation does what is left, and only once: who is taken out of the list afterwards stays out."""
    for nth in range(1, 20):
        mine = ListFixture()
        await mine.customers()
        await mine.create()
        await mine.add(["late@example.com"])
        await mine.people("POST", "/api/customers", json={"external_id": "late", "email": "late@example.com"})
        assert await mine.names() == ["late"]
        dying = DyingStore(mine.documents, nth, after=True)
        with suppress(Unavailable):
            await CustomerMerges(cast(Any, dying), hashes=HASHER).merge(
                BIG, customer_id("external_id", "late"), by="a@b.in"
            )
        for _ in range(2):
            await reconcile(mine.documents, range(BUCKETS), full_scan=())
            assert await mine.names() == ["big"]
        await mine.add(["big"], mode="remove")
        await reconcile(mine.documents, range(BUCKETS), full_scan=())
        assert await mine.names() == []
        if not dying.is_dead:
            assert nth > 2
            return
    pytest.fail("It never lived to the end.")


async def test_new_name_reaches_rules_and_the_list_stays(lists: ListFixture) -> None:
    """A PUT without a rule changes the name only."""
    await lists.add(["big"])
    await lists.call("POST", "/api/segments", json={"name": "Other", "text": 'NOT in segment "Guests"'})
    body = {"name": "Visitors", "kind": "static"}
    renamed = await lists.call("PUT", f"/api/segments/{lists.segment}", json=body)
    assert (renamed.status_code, renamed.json()["rule"]["text"]) == (200, 'in segment "Visitors"')
    assert await lists.names('in segment "Visitors"') == ["big"]
    assert await lists.names('in segment "Other"') == ["lapsed", "small"]


async def test_kind_of_a_segment_stays(lists: ListFixture) -> None:
    """A list gets no rule, and a rule no list."""
    path = f"/api/segments/{lists.segment}"
    as_rule = await lists.call("PUT", path, json={"name": "Guests", "text": "everyone"})
    with_rule = await lists.call("PUT", path, json={"name": "Guests", "kind": "static", "text": "everyone"})
    assert [answer.json()["errors"][0]["field"] for answer in (as_rule, with_rule)] == ["kind", "text"]
    rule = (await lists.call("POST", "/api/segments", json={"name": "All", "text": "everyone"})).json()
    lists.segment = rule["id"]
    assert "has a rule" in (await lists.add(["big"], status=409))["detail"]
    lists.segment = "0" * 20
    await lists.add(["big"], status=404)


async def test_deleted_list_leaves_nothing(lists: ListFixture) -> None:
    """Its documents are deleted with it."""
    await lists.add(["big", "small", "x@example.com"])
    assert (await lists.call("DELETE", f"/api/segments/{lists.segment}")).status_code == 204
    assert not await lists.documents.query(Query(collection="segment_people"))
    assert not await lists.documents.query(Query(collection="segments"))


async def test_export_of_a_person_names_their_lists(lists: ListFixture) -> None:
    """By an id or an address, whichever the list has."""
    await lists.add(["big"])
    await lists.create("Invited")
    await lists.add(["big@example.com", "later@example.com"])
    await lists.create("Others")
    await lists.add(["small"])
    await lists.people("POST", "/api/customers", json={"email": "later@example.com"})
    [later] = (await lists.people("POST", "/api/customers/search", json={"search": "later"})).json()["items"]
    exports = [(await lists.people("GET", f"/api/customers/{id_}/export")).json() for id_ in (BIG, later["id"])]
    assert [export["lists"] for export in exports] == [["Guests", "Invited"], ["Invited"]]


async def test_list_is_not_deleted_while_a_campaign_that_names_it_is_launched(lists: ListFixture) -> None:
    """Whichever of the two is first, the other fails: without its list, `NOT in segment` would exclude nobody."""
    await lists.add(["small"])
    campaign = (await lists.campaign(text='NOT in segment "Guests"', message={"subject": "Hi", "body": "Hi"})).json()
    commit = lists.documents.commit
    launched: list[Any] = []

    async def launch_first(writes: Sequence[Write]) -> None:
        """The launch comes between the check of the deletion and its commit."""
        if not launched and any(isinstance(write, Delete) for write in writes):
            launched.append(await lists.call("POST", f"/api/campaigns/{campaign['id']}/launch"))
        await commit(writes)

    lists.documents.commit = launch_first  # type: ignore[method-assign]
    deleted = await lists.call("DELETE", f"/api/segments/{lists.segment}")
    again = await lists.call("DELETE", f"/api/segments/{lists.segment}")
    assert (launched[0].status_code, deleted.status_code, again.status_code) == (202, 503, 409)
    assert await lists.names() == ["small"]


async def test_customers_who_match_now_become_a_list(lists: ListFixture) -> None:
    """By a rule, a search, or both; later changes of theirs do not matter."""
    path = f"/api/segments/{lists.segment}/people/matching"
    answer = (await lists.people("POST", path, json={"filter": "visits < 3"})).json()
    assert (answer["known"], answer["customers"]) == (2, 2)
    await lists.people("PATCH", f"/api/customers/{BIG}", json={"visits": 9})
    assert await lists.names() == ["big", "small"]
    await lists.people("POST", path, json={"search": "Big", "mode": "remove"})
    assert await lists.names() == ["small"]
    assert (await lists.people("POST", path, json={})).status_code == 422


async def test_too_many_matching_customers_are_refused_in_every_mode(
    lists: ListFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is left out without a word, also when people are removed."""
    monkeypatch.setattr(static_segment_routes, "MAX_ENTRIES", 2)
    for mode in ("add", "remove", "replace"):
        body = {"filter": "everyone", "mode": mode}
        refused = await lists.people("POST", f"/api/segments/{lists.segment}/people/matching", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "too_many")


async def test_rule_cannot_name_the_people_of_another_list(lists: ListFixture) -> None:
    """What a client says about the members of a segment is replaced by what its name means."""
    await lists.add(["big"])
    rules = {"op": "in_segment", "segment": "Nobody", "members_of": lists.segment}
    refused = await lists.call("POST", "/api/segments/preview", json={"rules": rules})
    assert refused.json()["errors"][0]["code"] == "not_found"
    await lists.call("POST", "/api/segments", json={"name": "Nobody", "text": "spend < 0 OR spend > 999999"})
    assert (await lists.call("POST", "/api/segments/preview", json={"rules": rules})).json()["count"] == 0
