"""The figures of a campaign beside the medians of the deployment's earlier campaigns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.storage.documents import Create
from tests.component.test_api_campaigns import NOW, CampaignsApiFixture


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await campaign(api, "c", state="running", launched_at=NOW)
    return api


async def campaign(api: CampaignsApiFixture, id_: str, *, opened: int = 20, failed: int = 10, **fields: Any) -> None:
    """A finished campaign to 100 people, which got all messages but the failed ones."""
    stored = {
        "name": id_, "state": "finished", "message": {"subject": "Hi", "body": "Come"}, "channel": "email",
        "vendor": "smtp", "personalization": "template", "created_at": NOW, "created_by": "a@example.com",
        "launched_at": NOW - timedelta(days=9), "rules": '{"op":"everyone"}', "text": "everyone", "words": "everybody",
    }  # fmt: skip
    kinds = {"sent": 100 - failed, "failed": failed, "opened": opened}
    page = {"campaign": id_, "audience": 100, "last": 1}
    counters = {"campaign": id_, "kinds": kinds}
    await api.documents.commit(
        [
            Create(f"campaigns/{id_}", stored | fields),
            Create(f"counters/{id_}.00", counters),
            Create(f"pages/{id_}.0.0", page),
        ]
    )


async def usual(api: CampaignsApiFixture) -> dict[str, tuple[float, int]]:
    answer = await api.call("GET", "/api/campaigns/c/comparison")
    assert answer.status_code == 200, answer.text
    return {one["kind"]: (round(one["share"], 3), one["campaigns"]) for one in answer.json()["usual"]}


async def test_median_of_earlier_campaigns_is_usual(api: CampaignsApiFixture) -> None:
    """Outcomes are shares of the audience, and what came back of the sent messages."""
    for number, (opened, failed) in enumerate([(45, 10), (9, 50), (18, 10), (27, 10)]):
        await campaign(api, f"earlier{number}", opened=opened, failed=failed)
    figures = await usual(api)
    assert (figures["sent"], figures["failed"]) == ((0.9, 4), (0.1, 4))
    assert figures["opened"] == (0.25, 4)  # between 18 of 50 or 90 and 27 of 90
    assert figures["unsubscribed"] == (0.0, 4)
    assert "delivered" not in figures  # no vendor of these reported any


async def test_fewer_than_three_campaigns_are_no_measure(api: CampaignsApiFixture) -> None:
    """Nothing is shown, also of a figure that only two of them have."""
    for number in range(2):
        await campaign(api, f"earlier{number}")
    assert await usual(api) == {}
    await campaign(api, "untracked", opened=0)
    figures = await usual(api)
    assert (figures["sent"], "opened" in figures) == ((0.9, 3), False)


@pytest.mark.parametrize(
    "other",
    [{"channel": "sms"}, {"vendor": "simulator"}, {"launched_at": NOW + timedelta(days=1)}, {"state": "cancelled"}],
)
async def test_other_campaigns_are_not_compared(api: CampaignsApiFixture, other: dict[str, Any]) -> None:
    """On another channel, of the simulator, launched later, or not finished."""
    for number in range(3):
        await campaign(api, f"earlier{number}", **other)
    assert await usual(api) == {}


async def test_campaigns_of_the_simulator_are_compared_with_each_other(api: CampaignsApiFixture) -> None:
    """And a campaign of a real vendor is not compared with them."""
    for number in range(3):
        await campaign(api, f"earlier{number}", vendor="simulator")
    await campaign(api, "d", vendor="simulator", launched_at=NOW)
    answer = await api.call("GET", "/api/campaigns/d/comparison")
    assert answer.status_code == 200, answer.text
    assert {one["campaigns"] for one in answer.json()["usual"]} == {3}
    assert await usual(api) == {}


async def test_draft_has_nothing_to_compare(api: CampaignsApiFixture) -> None:
    """It has no figures yet."""
    draft = (await api.campaign()).json()["id"]
    assert (await api.call("GET", f"/api/campaigns/{draft}/comparison")).status_code == 409
