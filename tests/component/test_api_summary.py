"""Summaries: claims around slots, the rates of earlier campaigns, and who pays for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from common.events import Receipt
from common.ids import message_id
from common.storage.documents import Create, Update
from local.gemini.summary import summary_claims
from tests.component.test_api_campaigns import NOW, CampaignsApiFixture, create_running_campaign

PATH = "/api/campaigns/c/summary"
CLAIMS = {
    "claims": [
        {"topic": "outcome", "text": "⟦campaign⟧ had ⟦audience⟧; there was ⟦sent⟧ and ⟦failed⟧."},
        {"topic": "next", "text": "My advice: ⟦do_wait⟧, then ⟦do_ask_for_consent⟧."},
    ]
}


@pytest.fixture
async def api() -> CampaignsApiFixture:
    return await prepared()


async def prepared(**settings: str) -> CampaignsApiFixture:
    """An API whose campaign `c` has 4 people: one sent, one failed, one skipped, one pending. Gemini answers well."""
    api = CampaignsApiFixture(**settings)
    await create_running_campaign(api)
    api.model.content = CLAIMS
    return api


async def write(api: CampaignsApiFixture, language: str = "en") -> dict[str, Any]:
    response = await api.call("POST", f"{PATH}?language={language}")
    assert response.status_code == 200
    summary: dict[str, Any] = response.json()
    return summary


async def record_sent(api: CampaignsApiFixture, customer: str) -> None:
    message = message_id("c", customer)
    await api.ledger.record([Receipt(message_id=message, campaign_id="c", customer_id=customer, kind="sent", at=NOW)])


async def test_numbers_are_printed_by_the_server(api: CampaignsApiFixture) -> None:
    """Gemini writes slots; what is read has the numbers with their names. It does not get the campaign's name."""
    summary = await write(api)
    assert summary["by"] == "gemini"
    assert summary["text"] == (
        "“Diwali” had 4 people in the audience; there was 1 sent message and 1 failed message. "
        "My advice: wait until the pending messages have an outcome, then ask people for their consent."
    )
    [prompt] = api.model.prompts
    assert "Diwali" not in str(prompt.data)
    assert prompt.data["slots"]["outcome"]["audience"] == "4 people in the audience"


@pytest.mark.parametrize(
    "text",
    [
        "⟦campaign⟧ had ⟦audience⟧: ⟦sent⟧, and 99 failed.",
        "⟦campaign⟧ had ⟦audience⟧: ⟦sent⟧, and ninety-nine failed.",
        "⟦campaign⟧ had ⟦audience⟧: ⟦sent⟧, half of them opened it.",
        "⟦campaign⟧ had ⟦audience⟧: ⟦sent⟧, a quarter percent failed.",
        "⟦campaign⟧ had ⟦audience⟧: ⟦sent⟧, more than usual.",
        "⟦campaign⟧ had ⟦audience⟧, not ⟦sent⟧.",
        "⟦campaign⟧ had ⟦audience⟧, nearly all of them ⟦sent⟧.",
        "⟦campaign⟧ had ⟦audience⟧ and ⟦profit⟧: ⟦sent⟧.",
        "⟦campaign⟧ had ⟦audience⟧: ⟦sent⟧, again ⟦sent⟧.",
        "⟦campaign⟧ had ⟦audience⟧: 1⟦sent⟧.",
        "⟦campaign⟧ had ⟦audience⟧: ⟦sent⟧00.",
        "⟦campaign⟧ had ⟦audience⟧.",
        "⟦campaign⟧ had ⟦audience⟧: ⟦sent⟧. See https://evil.example",
        "⟦campaign⟧ had ⟦audience⟧: ⟦sent⟧, and nobody complained.",
        "⟦audience⟧ में ⟦sent⟧, बाक़ी सभी ने खोला।",
        "⟦audience⟧: ⟦sent⟧, पचास विफल।",
        "It went well.",
        "",
    ],
)
async def test_claim_with_anything_but_slots_is_not_printed(api: CampaignsApiFixture, text: str) -> None:
    """A number, a comparison, a negation, an unknown or missing slot: the same content is told in fixed words."""
    api.model.content = {"claims": [{"topic": "outcome", "text": text}, CLAIMS["claims"][1]]}
    summary = await write(api)
    assert summary["by"] == "template"
    assert summary["text"].startswith("“Diwali”: 4 people in the audience, 1 sent message, 1 failed message, ")


@pytest.mark.parametrize("content", [None, {}, "x", {"claims": []}, {"text": "Of 4 people, 1 was sent it."}])
async def test_answer_of_another_shape_is_not_printed(api: CampaignsApiFixture, content: Any) -> None:
    """No answer, or one without claims: the words are fixed."""
    api.model.content = content
    assert (await write(api))["by"] == "template"


async def test_fixed_words_tell_outcome_reasons_and_the_next_step(api: CampaignsApiFixture) -> None:
    """Without Gemini the content is the same, in English and in Hindi."""
    api.model.content = None
    assert (await write(api))["text"] == (
        "“Diwali”: 4 people in the audience, 1 sent message, 1 failed message, 1 skipped person, 1 message on its way "
        "and 50.0% of the attempts failed. "
        "The main reasons: 1 skipped: no consent and 1 failed: rejected by the vendor. "
        "Next: wait until the pending messages have an outcome and ask people for their consent."
    )
    hindi = await write(api, "hi")
    assert hindi["language"] == "hi"
    assert "1 संदेश भेजे गए" in hindi["text"]
    assert "सहमति नहीं" in hindi["text"]


async def answer_as_the_stand_in(api: CampaignsApiFixture) -> None:
    data = api.model.prompts[-1].data
    api.model.content = {"claims": summary_claims(data["slots"], data["language"])}


@pytest.mark.parametrize("language", ["en", "hi"])
async def test_stand_in_writes_what_the_check_accepts(api: CampaignsApiFixture, language: str) -> None:
    """The local stack shows summaries that are written as Gemini would."""
    api.model.before_answer = lambda: answer_as_the_stand_in(api)
    assert (await write(api, language))["by"] == "gemini"


async def finished_campaign(api: CampaignsApiFixture, name: str, *, sent: int, failed: int) -> None:
    """An earlier campaign that is finished, with these counters."""
    stored = (await api.documents.get("campaigns/c")).data or {}
    kinds = {"sent": sent, "failed": failed}
    earlier = {"state": "finished", "created_at": NOW - timedelta(days=9), "launched_at": NOW - timedelta(days=9)}
    await api.documents.commit(
        [
            Create(f"campaigns/{name}", {**stored, **earlier}),
            Create(f"counters/{name}.00", {"campaign": name, "kinds": kinds}),
        ]
    )


async def failing_campaign(api: CampaignsApiFixture) -> None:
    """The campaign `c` with 100 attempts, of which 30 failed."""
    await api.documents.commit(
        [
            Update("campaigns/c", {"launched_at": NOW}),
            Create("counters/c.99", {"campaign": "c", "kinds": {"sent": 69, "failed": 29}}),
            Create("pages/c.0.1", {"campaign": "c", "audience": 98, "last": 0}),
        ]
    )


async def test_rate_unlike_earlier_campaigns_stands_out(api: CampaignsApiFixture) -> None:
    """It is compared with the median of five earlier campaigns, and Gemini must name it."""
    await failing_campaign(api)
    for number in range(5):
        await finished_campaign(api, f"earlier{number}", sent=98, failed=2)
    summary = await write(api)
    assert summary["standing_out"] == [
        {"rate": "failed", "share": 0.3, "usual": 0.02, "is_higher": True, "campaigns": 5}
    ]
    assert summary["by"] == "template"  # the answer does not name the slot of what stands out
    assert "30.0% of the attempts failed, more than in earlier campaigns (2.0%)" in summary["text"]
    assert "ask the vendor why messages fail" in summary["text"]


async def test_few_or_other_campaigns_are_no_measure(api: CampaignsApiFixture) -> None:
    """Four campaigns on the channel are too few; those on other channels and later ones do not count."""
    await failing_campaign(api)
    for number in range(7):
        await finished_campaign(api, f"earlier{number}", sent=98, failed=2)
    later = {"launched_at": NOW + timedelta(days=1)}
    changes: dict[str, dict[str, Any]] = {"earlier0": {"channel": "sms"}, "earlier1": later, "earlier2": later}
    await api.documents.commit([Update(f"campaigns/{name}", change) for name, change in changes.items()])
    assert (await write(api))["standing_out"] == []


async def test_summary_of_finished_campaign_is_written_once(api: CampaignsApiFixture) -> None:
    """The second request returns the stored text."""
    await api.documents.commit([Update("campaigns/c", {"state": "finished"})])
    first = await write(api)
    assert first == await write(api)
    assert len(api.model.prompts) == 1


async def test_stored_summary_of_other_numbers_is_written_again(api: CampaignsApiFixture) -> None:
    """A number that came in after the end makes another version of the statistics."""
    await api.documents.commit([Update("campaigns/c", {"state": "finished"})])
    await write(api)
    message = message_id("c", "p")
    await api.ledger.record([Receipt(message_id=message, campaign_id="c", customer_id="p", kind="opened", at=NOW)])
    await write(api)
    assert len(api.model.prompts) == 2


async def test_reading_a_summary_never_asks_gemini(api: CampaignsApiFixture) -> None:
    """GET has the stored text of a finished campaign, and is 404 before anybody has asked for one in this language."""
    assert (await api.call("GET", PATH)).status_code == 404
    await api.documents.commit([Update("campaigns/c", {"state": "finished"})])
    assert (await api.call("GET", PATH)).status_code == 404
    assert api.model.prompts == []
    written = await write(api)
    assert (await api.call("GET", PATH)).json() == written
    assert (await api.call("GET", f"{PATH}?language=hi")).status_code == 404
    assert len(api.model.prompts) == 1


async def test_summary_that_was_stored_by_an_older_version_is_read(api: CampaignsApiFixture) -> None:
    """It has neither a language nor a version; a POST replaces it."""
    old = {"text": "Of 4 people, 1 was sent the message.", "by": "gemini"}
    await api.documents.commit([Update("campaigns/c", {"state": "finished", "summary": old})])
    assert (await api.call("GET", PATH)).json()["text"] == old["text"]
    assert (await write(api))["text"] != old["text"]


async def test_summary_of_campaign_changed_meanwhile_is_not_stored(api: CampaignsApiFixture) -> None:
    """The campaign was retried while the summary was written."""
    await api.documents.commit([Update("campaigns/c", {"state": "finished"})])
    retry = Update("campaigns/c", {"state": "running"})
    api.model.before_answer = lambda: api.documents.commit([retry])
    assert (await write(api))["by"] == "gemini"
    assert (await api.documents.get("campaigns/c")).get("summary") is None


async def test_summary_of_unchanged_numbers_is_written_once(api: CampaignsApiFixture) -> None:
    """A running campaign's summary is kept until a number changes, so that a client that repeats costs nothing."""
    for _ in range(3):
        assert (await write(api))["by"] == "gemini"
    assert len(api.model.prompts) == 1
    await record_sent(api, "another")
    await write(api)
    assert len(api.model.prompts) == 2


async def test_summary_before_the_launch_is_refused(api: CampaignsApiFixture) -> None:
    """A draft has no numbers to describe."""
    path = f"/api/campaigns/{(await api.campaign()).json()['id']}/summary"
    assert (await api.call("POST", path)).status_code == 409
    assert api.model.prompts == []


async def test_summaries_over_the_budget_of_the_day_are_the_template() -> None:
    """Instances share the budget. The next day Gemini is asked again."""
    api = await prepared(SUMMARIES_PER_DAY="2")
    api.model.before_answer = lambda: answer_as_the_stand_in(api)
    await api.documents.commit([Create("pages/c.0.1", {"campaign": "c", "audience": 9, "last": 0})])
    written = []
    for number in range(3):
        await record_sent(api, f"p{number}")
        written.append((await write(api))["by"])
    assert (written, len(api.model.prompts)) == (["gemini", "gemini", "template"], 2)
    api.now += timedelta(days=1)
    assert (await write(api))["by"] == "gemini"
