"""Gemini's texts for real people before the launch."""

from __future__ import annotations

from typing import Any

from campaigns.composition import CampaignsSettings, compose
from common.errors import Unavailable
from common.llm.language_model import ModelResponse, Prompt
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.support import HASHER, SETTINGS, ApiClient, identity_from_token

MESSAGE = {"subject": "For {{ first_name }}", "body": "Dear {{ name }}, 15% off with the code SAVE15."}
OPENINGS = ("It is a pleasure", "Look around")


class VariantModel:
    """Writes around all slots; another variant has another opening. With `promises`, texts that are refused."""

    def __init__(self, *, promises: bool = False, fails: bool = False) -> None:
        self.prompts: list[Prompt] = []
        self._promises, self._fails = promises, fails

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        if self._fails:
            raise Unavailable("Gemini answered 503")
        message, opening = prompt.data["message"], OPENINGS[prompt.variant % 2]
        body = f"{opening}. {message['body']}" + (" Everything is free!" if self._promises else "")
        texts = [{"id": one["id"], "subject": message["subject"], "body": body} for one in prompt.data["people"]]
        return ModelResponse(content={"messages": texts}, input_tokens=100, output_tokens=50)


class PreviewFixture:
    """A draft to four people: two ordinary ones, one without a name, one who reads Hindi."""

    def __init__(self, model: VariantModel, **settings: str) -> None:
        self.model = model
        self.documents = MemoryDocuments()
        function = compose(
            documents=self.documents,
            publisher=MemoryPublisher(),
            create_model=lambda: model,
            open_access=MemoryDocuments,
            verify_id_token=identity_from_token,
            settings=CampaignsSettings(SETTINGS | settings),
        )
        self.call = ApiClient(function.app)

    async def preview(self, **body: Any) -> Any:
        people = [
            CustomerInput(external_id="1", email="a@example.com", name="Asha Rao"),
            CustomerInput(external_id="2", email="b@example.com", name="Bartholomew Venkataraman"),
            CustomerInput(external_id="3", email="c@example.com"),
            CustomerInput(external_id="4", email="d@example.com", name="Diya", attributes={"language": "Hindi"}),
        ]
        await CustomerUpserts(self.documents, hashes=HASHER).upsert(people)
        draft = {"name": "Diwali", "text": "everyone", "message": MESSAGE, "style": {"writing": "free"}}
        self.path = f"/api/campaigns/{(await self.call('POST', '/api/campaigns', json=draft)).json()['id']}/preview"
        return await self.again(**body)

    async def again(self, **body: Any) -> Any:
        return await self.call("POST", self.path, json={"written_by": "gemini", **body})


async def test_preview_by_gemini_stands_beside_the_template() -> None:
    """At most five people: at random, without a name, with a long name, with another language."""
    fixture = PreviewFixture(VariantModel())
    people = (await fixture.preview()).json()["people"]
    assert {person["choice"] for person in people} >= {"no_name", "long_name", "other_language"}
    assert len(people) <= 5
    long = next(person for person in people if person["choice"] == "long_name")
    assert long["template"]["body"] == "Dear Bartholomew Venkataraman, 15% off with the code SAVE15."
    assert long["gemini"] == {
        "subject": "For Bartholomew",
        "body": "It is a pleasure. Dear Bartholomew Venkataraman, 15% off with the code SAVE15.",
    }
    assert "Asha" not in str(fixture.model.prompts)  # no value of anybody


async def test_preview_with_another_variant_has_other_texts() -> None:
    """So that a manager sees more than one text for a person."""
    fixture = PreviewFixture(VariantModel())
    first = (await fixture.preview()).json()["people"][0]["gemini"]
    assert (await fixture.again()).json()["people"][0]["gemini"] == first
    assert (await fixture.again(variant=1)).json()["people"][0]["gemini"] != first


async def test_preview_of_a_refused_text_says_why() -> None:
    """The person would get the template."""
    [person, *_] = (await PreviewFixture(VariantModel(fails=True)).preview()).json()["people"]
    assert (person["gemini"], person["fallback"].partition(":")[0]) == (None, "unavailable")


async def test_preview_shows_the_text_without_what_it_promised() -> None:
    """As the person would get it."""
    [person, *_] = (await PreviewFixture(VariantModel(promises=True)).preview()).json()["people"]
    assert person["fallback"] is None
    assert "15% off" in person["gemini"]["body"]
    assert "free" not in person["gemini"]["body"].lower()


async def test_preview_without_gemini_makes_no_call() -> None:
    """Only who asks for it pays for it."""
    fixture = PreviewFixture(VariantModel())
    people = (await fixture.preview(written_by="template")).json()["people"]
    assert fixture.model.prompts == []
    assert {person["gemini"] for person in people} == {None}


async def test_previews_of_a_day_are_limited() -> None:
    """A client that asks again and again cannot cost more than the deployment allows; the calls are counted."""
    fixture = PreviewFixture(VariantModel(), GEMINI_PREVIEW_CALLS="3")
    statuses = [(await fixture.preview()).status_code, (await fixture.again()).status_code]
    refused = await fixture.again()
    assert (statuses, refused.status_code) == ([200, 200], 429)
    assert "3 calls" in refused.json()["detail"]
    assert len(fixture.model.prompts) == 4  # two groups of slots each time: the last request may go over
