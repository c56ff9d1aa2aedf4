"""The estimate of a campaign over HTTP: calls, tokens, cost, duration, and who lacks a field."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.composition import CampaignsSettings, compose
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.support import HASHER, SETTINGS, ApiClient, FakeModel, identity_from_token

MESSAGE = {"subject": "Hi {{ first_name }}", "body": "Come back, {{ name }}: 15% off until Sunday."}


async def estimate(
    people: int, *, settings: dict[str, str] | None = None, phones: bool = False, **campaign: Any
) -> dict[str, Any]:
    """The estimate of a campaign to so many people, every third of whom has no name."""
    documents, model = MemoryDocuments(), FakeModel()
    rows = [
        CustomerInput(
            external_id=str(number),
            email=f"a{number}@example.com",
            phone=f"+9198765432{number:02}" if phones else None,
            name="Asha Rao" if number % 3 else None,
        )
        for number in range(people)
    ]
    await CustomerUpserts(documents, hashes=HASHER).upsert(rows)
    function = compose(
        documents=documents,
        publisher=MemoryPublisher(),
        create_model=lambda: model,
        open_access=MemoryDocuments,
        verify_id_token=identity_from_token,
        settings=CampaignsSettings(SETTINGS | (settings or {})),
    )
    call = ApiClient(function.app)
    body = {"name": "Diwali", "text": "everyone", "message": MESSAGE, **campaign}
    created = (await call("POST", "/api/campaigns", json=body)).json()
    response = await call("POST", f"/api/campaigns/{created['id']}/estimate")
    assert response.status_code == 200, response.text
    assert model.prompts == []  # an estimate costs nothing
    found: dict[str, Any] = response.json()
    return found


async def test_estimate_has_calls_tokens_and_cost_in_the_currency_of_the_deployment() -> None:
    """People with a name and without one have other slots, so they share no call; ten share one."""
    found = await estimate(24, style={"writing": "free"})
    assert (found["reachable"], found["currency"]) == (24, "INR")
    gemini = found["gemini"]
    assert gemini["calls"] == 2 + 1
    assert 3 * 300 < gemini["input_tokens"] < 3 * 1_500
    assert 24 * 20 < gemini["output_tokens"] < 24 * 120
    dollars = 0.30e-6 * gemini["input_tokens"] + 2.50e-6 * gemini["output_tokens"]
    assert gemini["cost"] == pytest.approx(90 * dollars)


async def test_people_who_share_texts_need_few_calls() -> None:
    """Those with a name and those without one are two groups, with one call each."""
    free = {"writing": "free"}
    own, shared = await estimate(60, style=free), await estimate(60, style={**free, "variants_per_group": 3})
    assert own["gemini"]["calls"] >= 6
    assert shared["gemini"]["calls"] == 2
    assert shared["gemini"]["output_tokens"] < own["gemini"]["output_tokens"] / 5


async def test_texts_of_checked_sentences_cost_less_and_their_proposal_is_one_call() -> None:
    """The answer for each person has ids only. A campaign that has its sentences already needs no proposal."""
    message = MESSAGE | {
        "body": "Come back, {{ name }}: 15% off until Sunday. " + 4 * "We would love to see you here. "
    }
    free, chosen = await estimate(600, style={"writing": "free"}, message=message), await estimate(600, message=message)
    assert free["gemini"]["calls"] == 61  # those with a name and those without one share no call
    assert chosen["gemini"]["calls"] == 25 + 1
    assert chosen["gemini"]["cost"] < 0.8 * free["gemini"]["cost"]
    sentences = [{"place": "argument", "text": "Come and look around."}]
    ready = await estimate(600, sentences=sentences, message=message)
    assert ready["gemini"]["calls"] == 25
    assert ready["gemini"]["input_tokens"] < chosen["gemini"]["input_tokens"]


async def test_estimate_says_who_lacks_a_field_of_the_message() -> None:
    """There the message is empty, or has its default."""
    found = await estimate(9)
    assert found["missing"] == [{"field": "first_name", "count": 3}, {"field": "name", "count": 3}]


async def test_estimate_of_a_template_has_no_calls() -> None:
    """Gemini is not asked."""
    assert (await estimate(3, personalization="template"))["gemini"] is None


@pytest.mark.parametrize(
    ("rates", "per_minute", "rate", "seconds"),
    [("", None, None, None), ("simulator=6", None, 6, 90), ("simulator=60", 3, 3, 180), ("webhook=1", 18, 18, 30)],
)
async def test_estimate_of_the_duration_uses_the_lower_rate(
    rates: str, per_minute: int | None, rate: int | None, seconds: int | None
) -> None:
    """The vendor's rate and the campaign's own both hold; without one, nobody can tell."""
    found = await estimate(9, settings={"VENDOR_RATES": rates}, per_minute=per_minute)
    assert (found["per_minute"], found["seconds"]) == (rate, seconds)


async def test_estimate_uses_the_prices_of_the_settings() -> None:
    """They are those of another model, in dollars; without an exchange rate there is no cost."""
    prices = {"GEMINI_INPUT_PRICE": "3", "GEMINI_OUTPUT_PRICE": "25"}
    usual, dear = await estimate(9), await estimate(9, settings=prices)
    assert dear["gemini"]["cost"] == pytest.approx(10 * usual["gemini"]["cost"])
    half = await estimate(9, settings={"USD_RATE": "45"})
    assert half["gemini"]["cost"] == pytest.approx(usual["gemini"]["cost"] / 2)
    unknown = await estimate(9, settings={"CURRENCY": "KES"})
    assert unknown["gemini"]["cost"] is None


async def test_estimate_of_a_campaign_without_an_audience_is_refused() -> None:
    """The answer names what is missing."""
    with pytest.raises(AssertionError, match="audience"):
        await estimate(1, text="")


@pytest.mark.parametrize(("letters", "state"), [(670, "ok"), (671, "wrong")])
async def test_launch_refuses_a_text_of_more_than_ten_sms(letters: int, state: str) -> None:
    """As the longest text of people of the audience is: it is seen before anything is sent."""
    documents = MemoryDocuments()
    asha = CustomerInput(external_id="0", phone="+919876543210", name="Asha Rao")
    await CustomerUpserts(documents, hashes=HASHER).upsert([asha])
    function = compose(
        documents=documents,
        publisher=MemoryPublisher(),
        create_model=FakeModel,
        open_access=MemoryDocuments,
        verify_id_token=identity_from_token,
        settings=CampaignsSettings(SETTINGS | {"UNKNOWN_CONSENT": "sms"}),
    )
    call = ApiClient(function.app)
    message = {"subject": "", "body": "{{ first_name }}" + "न" * (letters - 4)}
    body = {"name": "Diwali", "text": "everyone", "channel": "sms", "message": message}
    path = f"/api/campaigns/{(await call('POST', '/api/campaigns', json=body)).json()['id']}"
    items = (await call("GET", f"{path}/checklist")).json()["items"]
    [item] = [item for item in items if item["code"] == "message"]
    assert item["state"] == state
    assert [(one["field"], one["code"], one["limit"]) for one in item["errors"]] == (
        [] if state == "ok" else [("message.body", "too_long", 10)]
    )
