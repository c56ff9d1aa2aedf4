"""The sentences of a campaign over HTTP: proposed, checked, approved, frozen."""

from __future__ import annotations

from typing import Any

from campaigns.composition import CampaignsSettings, compose
from common.errors import Unavailable
from common.events import MessageReady
from common.llm.language_model import ModelResponse, Prompt
from common.storage.documents import Put
from common.storage.memory import MemoryDocuments, MemoryPublisher
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from local.gemini.sentences import chosen_sentences, proposed_sentences
from tests.support import HASHER, SETTINGS, ApiClient, identity_from_token

MESSAGE = {"subject": "For {{ first_name }}", "body": "Hi {{ first_name }},\n\n15% off with the code SAVE15."}
FREE = {"place": "argument", "text": "Everything is free."}
LOOK = {"place": "argument", "text": "Come and look around."}


class ProposingModel:
    """The stand-in's sentences and choices, with one sentence that promises something."""

    def __init__(self, *, fails: bool = False) -> None:
        self.prompts: list[Prompt] = []
        self.fails = fails

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        if self.fails:
            raise Unavailable("Gemini answered 503")
        data: Any = prompt.data
        if "wanted" in data:
            return ModelResponse(content={"proposed": [*proposed_sentences(data), FREE]})
        return ModelResponse(content={"messages": chosen_sentences(data, seed=prompt.variant)})


class SentenceFixture:
    """A draft to three people, one of whom reads Hindi."""

    def __init__(self, **settings: str) -> None:
        self.model = ProposingModel()
        self.documents, self.publisher = MemoryDocuments(), MemoryPublisher()
        function = compose(
            documents=self.documents,
            publisher=self.publisher,
            create_model=lambda: self.model,
            open_access=MemoryDocuments,
            verify_id_token=identity_from_token,
            settings=CampaignsSettings(SETTINGS | settings),
        )
        self.call = ApiClient(function.app)

    async def draft(self, **content: Any) -> dict[str, Any]:
        people = [
            CustomerInput(external_id="1", email="a@example.com", name="Asha Rao"),
            CustomerInput(external_id="2", email="b@example.com", name="Bela Das"),
            CustomerInput(external_id="3", email="c@example.com", name="Diya", attributes={"language": "Hindi"}),
        ]
        await CustomerUpserts(self.documents, hashes=HASHER).upsert(people)
        body = {"name": "Diwali", "text": "everyone", "message": MESSAGE, **content}
        response = await self.call("POST", "/api/campaigns", json=body)
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        self.path = f"/api/campaigns/{created['id']}"
        return created

    async def change(self, **content: Any) -> Any:
        response = await self.call("PATCH", self.path, json=content)
        assert response.status_code == 200, response.text
        return response.json()


async def test_proposed_sentences_come_with_what_the_checks_say() -> None:
    """Nothing is saved; the reader chooses what to keep. No value of anybody is asked about."""
    fixture = SentenceFixture()
    await fixture.draft()
    items = (await fixture.call("POST", f"{fixture.path}/sentences/propose")).json()["items"]
    by_text = {item["text"]: item for item in items}
    assert by_text["Everything is free."]["problem"].startswith("promise: ")
    assert {item["problem"] for item in items if item["text"] != "Everything is free."} == {None}
    assert by_text["We have missed you."]["traits"] == ["has been away for long"]
    assert {item["language"] for item in items} == {"en"}
    assert (await fixture.call("GET", fixture.path)).json()["sentences"] == []
    assert "Asha" not in str(fixture.model.prompts)


async def test_sentences_are_proposed_in_each_language_of_the_campaign() -> None:
    """One call each, if texts are in the language of each person."""
    fixture = SentenceFixture()
    await fixture.draft(style={"language": "person"})
    items = (await fixture.call("POST", f"{fixture.path}/sentences/propose")).json()["items"]
    assert {item["language"] for item in items} == {"en", "hi"}
    assert len(fixture.model.prompts) == 2


async def test_proposals_count_as_previews_and_gemini_may_be_away() -> None:
    """429 when the calls of the day are used up, 503 while Gemini does not answer."""
    fixture = SentenceFixture(GEMINI_PREVIEW_CALLS="1")
    await fixture.draft()
    path = f"{fixture.path}/sentences/propose"
    assert [(await fixture.call("POST", path)).status_code for _ in range(2)] == [200, 429]
    fixture = SentenceFixture()
    await fixture.draft()
    fixture.model.fails = True
    assert (await fixture.call("POST", path.replace(path, f"{fixture.path}/sentences/propose"))).status_code == 503


async def test_sentences_are_checked_beside_the_message_that_is_not_saved_yet() -> None:
    """A slot that the new message does not have, a language that no text has, and what the guard finds."""
    fixture = SentenceFixture()
    await fixture.draft()
    code = {"place": "argument", "text": "Here is ⟦offer⟧, with the code ⟦code⟧."}
    sentences = [LOOK, FREE, FREE | {"approved": True}, code, LOOK | {"language": "hi"}]
    path = f"{fixture.path}/sentences/check"
    items = (await fixture.call("POST", path, json={"sentences": sentences})).json()["items"]
    assert [item["problem"] and item["problem"].partition(":")[0] for item in items] == [
        None, "promise", None, None, "language",
    ]  # fmt: skip
    other = {"subject": "Hello", "body": "Hi there, come and see us."}
    items = (await fixture.call("POST", path, json={"sentences": [code], "message": other})).json()["items"]
    assert items[0]["problem"].startswith("slot: ")
    assert fixture.model.prompts == []


async def test_who_approves_a_sentence_stands_in_it() -> None:
    """Herald writes the name, whatever the request says; it stays when somebody else saves the draft."""
    fixture = SentenceFixture()
    await fixture.draft(sentences=[FREE | {"approved": True, "approved_by": "somebody@example.com"}, LOOK])
    [approved, other] = (await fixture.call("GET", fixture.path)).json()["sentences"]
    assert approved["approved_by"] not in (None, "somebody@example.com")
    assert (other["approved"], other["approved_by"]) == (False, None)
    again = await fixture.change(sentences=[approved, LOOK, FREE | {"place": "closing", "approved": True}])
    assert again["sentences"][0] == approved


async def test_approval_ends_when_the_message_or_the_sentence_changes() -> None:
    """A sentence is approved beside one message: an editor that is still open does not approve it beside another."""
    fixture = SentenceFixture()
    approved = FREE | {"approved": True}
    other = MESSAGE | {"body": "Hi {{ first_name }},\n\n5% off with the code SAVE5."}
    await fixture.draft(sentences=[approved])
    assert (await fixture.change(name="Holi"))["sentences"][0]["approved"]
    assert not (await fixture.change(message=other))["sentences"][0]["approved"]
    assert (await fixture.change(sentences=[approved], message=other))["sentences"][0]["approved"]  # looked at again
    assert not (await fixture.change(sentences=[approved], message=MESSAGE))["sentences"][0]["approved"]
    await fixture.change(sentences=[approved])
    changed = await fixture.change(sentences=[FREE | {"text": "Everything is free today."}])
    assert not changed["sentences"][0]["approved"]


async def test_campaign_writes_of_checked_sentences_unless_it_says_otherwise() -> None:
    """Also if the style says something else only; a page that does not know of it changes nothing."""
    fixture = SentenceFixture()
    assert (await fixture.draft())["style"]["writing"] == "sentences"
    assert (await fixture.draft(style={"tone": "warm"}))["style"]["writing"] == "sentences"
    assert (await fixture.draft(style={"writing": "free"}))["style"]["writing"] == "free"
    changed = await fixture.change(style={"tone": "warm"})
    assert (changed["style"]["tone"], changed["style"]["writing"]) == ("warm", "free")
    assert (await fixture.change(style={"writing": "sentences"}))["style"]["writing"] == "sentences"


async def test_preview_shows_texts_of_the_campaigns_sentences() -> None:
    """Those that are saved, those that are not saved yet, or else some that are proposed for the preview."""
    fixture = SentenceFixture()
    await fixture.draft(sentences=[LOOK])
    path = f"{fixture.path}/preview"

    async def bodies(**body: Any) -> list[str]:
        people = (await fixture.call("POST", path, json={"written_by": "gemini", **body})).json()["people"]
        assert {person["fallback"] for person in people} == {None}
        return [person["gemini"]["body"] for person in people]

    assert all("Come and look around." in body and "SAVE15" in body for body in await bodies())
    unsaved = [{"place": "argument", "text": "We would love to see you."}]
    assert all("We would love to see you." in body for body in await bodies(sentences=unsaved))
    assert not any("wanted" in prompt.data for prompt in fixture.model.prompts)
    assert not any("free" in body for body in await bodies(sentences=[]))
    assert sum("wanted" in prompt.data for prompt in fixture.model.prompts) == 1


async def test_test_message_is_made_of_the_campaigns_sentences() -> None:
    """As people will get it."""
    fixture = SentenceFixture()
    await fixture.draft(sentences=[LOOK])
    sent = (await fixture.call("POST", f"{fixture.path}/test", json={"to": ["team@example.com"]})).json()
    assert (sent["personalized_by"], sent["fallback"]) == ("gemini", None)
    [message] = [event for event in fixture.publisher.events if isinstance(event, MessageReady)]
    assert "Come and look around." in message.body


async def test_sentences_in_use_are_the_campaigns_or_what_was_proposed_at_the_start() -> None:
    """With what the checks say of each; another campaign's are not among them."""
    fixture = SentenceFixture()
    created = await fixture.draft(sentences=[LOOK, FREE])
    path = f"{fixture.path}/sentences"
    items = (await fixture.call("GET", path)).json()["items"]
    assert [item["problem"] is None for item in items] == [True, False]
    await fixture.change(sentences=[])
    assert (await fixture.call("GET", path)).json()["items"] == []
    proposed = [LOOK | {"problem": None}, FREE | {"problem": "promise: …"}]
    for id_ in (created["id"], f"{created['id']}0"):
        document = {"campaign": id_, "language": "en", "sentences": proposed}
        await fixture.documents.commit([Put(f"campaign_sentences/{id_}.en", document)])
    items = (await fixture.call("GET", path)).json()["items"]
    assert [(item["text"], item["problem"]) for item in items] == [(LOOK["text"], None), (FREE["text"], "promise: …")]


async def test_copy_has_the_sentences_and_a_launched_campaign_keeps_its_own() -> None:
    """What texts are made of is frozen with the launch."""
    fixture = SentenceFixture()
    await fixture.draft(sentences=[LOOK, FREE | {"approved": True}])
    copy = (await fixture.call("POST", f"{fixture.path}/copy")).json()
    assert [one["approved"] for one in copy["sentences"]] == [False, True]
    assert (await fixture.call("POST", f"{fixture.path}/launch")).status_code == 202
    assert (await fixture.call("PATCH", fixture.path, json={"sentences": []})).status_code == 409


async def test_sentence_that_is_none_is_refused_by_name() -> None:
    """An unknown place, a trait that Herald does not know, a text that is too long."""
    fixture = SentenceFixture()
    await fixture.draft()
    for sentence, field in (
        (LOOK | {"place": "middle"}, "sentences.0.place"),
        (LOOK | {"traits": ["is rich"]}, "sentences.0.traits.0"),
        (LOOK | {"text": "x" * 301}, "sentences.0.text"),
        (LOOK | {"language": "Hindi"}, "sentences.0.language"),
    ):
        response = await fixture.call("PATCH", fixture.path, json={"sentences": [sentence]})
        assert response.status_code == 422
        assert [error["field"] for error in response.json()["errors"]] == [field]
