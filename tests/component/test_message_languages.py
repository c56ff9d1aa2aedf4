"""A message in the person's language: which text each person gets, and that every step holds for each text."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from campaigns.reports.messages import RecipientMessages
from common.catalogue.languages import LANGUAGE_NAMES, language_named
from common.events import MessageReady, MessageTemplate, RecipientSelected, WritingStyle
from common.storage.documents import Query
from customers.commands.upsert import CustomerUpserts
from customers.model.customer import CustomerInput
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_preview_text import RecordingVendor
from tests.in_memory_herald import InMemoryHerald
from tests.support import HASHER

HINDI = {"subject": "नमस्ते {{ first_name }}", "body": "फिर आइए, {{ city | default('दोस्त') }}", "preview": "हिंदी"}
TAMIL = {"subject": "வணக்கம்", "body": "வாருங்கள் {{ city }}"}
ENGLISH = {"subject": "Hi {{ first_name }}", "body": "Come back", "preview": "English"}
MESSAGE = {**ENGLISH, "languages": {"hi": HINDI, "ta": TAMIL}}

SPOKEN = {
    "hi-IN": "hi", "HI": "hi", " hindi ": "hi", "हिन्दी": "hi", "hi_Deva_IN": "hi", "Tamil": "ta", "en-AU": "en",
    "tlh": None, "": None, "hinglish": None, "-": None,
}  # fmt: skip
"""What a record says, and the language that it names."""


async def add_speakers(documents: Any, languages: dict[str, Any]) -> None:
    """One person for each: by id, what `attributes.language` says; None: nothing."""
    rows = [
        CustomerInput(
            external_id=id_,
            email=f"{id_}@example.com",
            name=f"{id_.upper()}ya Rao",
            attributes={} if language is None else {"language": language},
        )
        for id_, language in languages.items()
    ]
    await CustomerUpserts(documents, hashes=HASHER).upsert(rows)


@pytest.mark.parametrize(("said", "language"), SPOKEN.items())
def test_language_is_read_in_any_case_and_of_any_region(said: str, language: str | None) -> None:
    """`hi-IN`, `HI` and Hindi are one language; what is none is none."""
    assert language_named(said) == language


def test_names_of_languages_are_unique_and_as_records_have_them() -> None:
    """No name means two languages, and each is written as `language_named` looks it up."""
    names = [name for names in LANGUAGE_NAMES.values() for name in names]
    assert len(names) == len(set(names))
    assert [name for name in names if unicodedata.normalize("NFC", name).lower() != name or "-" in name] == []


def test_message_in_one_language_is_what_it_was() -> None:
    """Without languages nothing is stored or published that old code does not know."""
    plain = MessageTemplate.model_validate(ENGLISH)
    assert "languages" not in plain.model_dump()
    assert MessageTemplate.model_validate({**ENGLISH, "languages": {}}) == plain
    assert plain.language_for({"attributes": {"language": "hi"}}) is None


async def test_everybody_gets_the_text_in_their_language_once() -> None:
    """Whoever speaks another language gets the default text; claims and messages say which text it was."""
    herald = InMemoryHerald(copies=2)
    vendor = herald.vendor = RecordingVendor()
    herald.restart()
    await add_speakers(herald.documents, {"a": "hi-IN", "b": "Hindi", "c": "TA", "d": "fr", "e": None, "f": 5})
    await herald.launch(message=MESSAGE, personalization="template")
    await herald.work()
    sent = {message.to[0]: (message.language, message.preview, message.body) for message in vendor.messages}
    assert sent == {
        **dict.fromkeys("ab", ("hi", "हिंदी", "फिर आइए, दोस्त")),
        "c": ("ta", None, "வாருங்கள் "),
        **dict.fromkeys("def", ("default", "English", "Come back")),
    }
    assert len(vendor.messages) == len(sent)
    claims = await herald.documents.query(Query(collection="claims"))
    assert sorted(claim["language"] for claim in claims) == ["default"] * 3 + ["hi"] * 2 + ["ta"]
    listed = (await RecipientMessages(herald.documents).list_page("c", state=None, after=None, limit=10)).items
    assert sorted(message.language or "" for message in listed) == ["default"] * 3 + ["hi"] * 2 + ["ta"]


async def test_text_is_decided_once() -> None:
    """A person whose language changes after the claim still gets the text that was claimed."""
    herald = InMemoryHerald()
    vendor = herald.vendor = RecordingVendor()
    vendor.failures_left = 1
    herald.restart()
    await add_speakers(herald.documents, {"a": "hi"})
    await herald.launch(message=MESSAGE, personalization="template")
    await herald.work()
    await add_speakers(herald.documents, {"a": "ta"})
    [selected] = [message async for message in _again(herald)]
    await herald.deliverer.deliver(selected)
    await herald.tick(60)
    assert [(message.language, message.body) for message in vendor.messages[:1]] == [("hi", "फिर आइए, दोस्त")]
    assert {(message.language, message.body) for message in vendor.messages} == {("hi", "फिर आइए, दोस्त")}


async def _again(herald: InMemoryHerald) -> Any:
    """Another copy of the only message, in the language of now."""
    [claim] = await herald.documents.query(Query(collection="claims"))
    data = claim.data or {}
    herald.now = data["lease_until"]
    yield MessageReady.model_validate(
        {
            **data,
            "message_id": claim.id,
            "campaign_id": "c",
            "customer_id": data["customer"],
            "language": "ta",
            "body": "x",
        }
    )


async def test_gemini_writes_each_text_in_its_own_language() -> None:
    """The language of the style holds for the default text only."""
    herald = InMemoryHerald()
    await add_speakers(herald.documents, {"a": "hi", "b": None})
    await herald.launch(message=MESSAGE, style=WritingStyle(language="en", tone="warm").model_dump())
    for command in list(herald.publisher.events):
        await herald.deliver(command)
    selected = [event for event in herald.publisher.events if isinstance(event, RecipientSelected)]
    styles = {event.to[0]: (event.style.language, event.style.tone) for event in selected}
    assert styles == {"a": (None, "warm"), "b": ("en", "warm")}
    assert all(event.message.languages is None for event in selected)
    await herald.work()
    assert (await herald.totals())["pending"] == 0


async def campaign(api: CampaignsApiFixture, **changes: Any) -> str:
    wanted = {"text": "everyone", "message": MESSAGE, "personalization": "template", **changes}
    answer = await api.campaign(**wanted)
    assert answer.status_code == 201, answer.text
    return f"/api/campaigns/{answer.json()['id']}"


@pytest.fixture
async def api() -> CampaignsApiFixture:
    api = CampaignsApiFixture()
    await add_speakers(
        api.documents, {"a": "hi-IN", "b": "Hindi\n", "c": "ta", "d": "fr", "e": None, "f": 5, "g": "xx"}
    )
    return api


async def test_people_are_counted_by_language(api: CampaignsApiFixture) -> None:
    """As the messages choose: of any region, in any case, and those whose language nobody knows together."""
    path = await campaign(api)
    counted = (await api.call("GET", f"{path}/languages")).json()
    assert {one["language"]: one["count"] for one in counted["people"]} == {"hi": 2, "ta": 1, "fr": 1, None: 3}
    assert (counted["reachable"], counted["is_audience"], "bn" in counted["available"]) == (7, True, True)


async def test_preview_shows_each_person_their_text_and_one_text_its_readers(api: CampaignsApiFixture) -> None:
    """Who lacks a field is counted for the texts that show it."""
    path = await campaign(api)
    everybody = (await api.call("POST", f"{path}/preview", json={"people": 10})).json()
    texts = {
        one["name"][0]: (one["language"], one["template"]["subject"], one["preview"]) for one in everybody["people"]
    }
    assert (texts["A"], texts["C"], texts["D"]) == (
        ("hi", "नमस्ते Aya", "हिंदी"),
        ("ta", "வணக்கம்", None),
        ("default", "Hi Dya", "English"),
    )
    assert everybody["missing"] == [{"field": "city", "count": 3}]  # of the seven, those whose text shows it
    for name, readers, missing in (("hi", "AB", 2), ("ta", "C", 1), ("default", "DEFG", 0)):
        one = (await api.call("POST", f"{path}/preview", json={"people": 10, "language": name})).json()
        assert (one["reachable"], {person["name"][0] for person in one["people"]}) == (len(readers), set(readers))
        assert sum(field["count"] for field in one["missing"]) == missing
    refused = await api.call("POST", f"{path}/preview", json={"language": "bn"})
    assert [error["field"] for error in refused.json()["errors"]] == ["language"]


async def test_test_message_shows_the_text_that_was_asked_for(api: CampaignsApiFixture) -> None:
    """Without a language, the person's own; with one, that of a person who would get it."""
    path = await campaign(api)
    for body, subject, language in (
        ({"language": "hi"}, "नमस्ते", "hi"),
        ({"language": "default"}, "Hi", "default"),
    ):
        answer = (await api.call("POST", f"{path}/test", json={"to": ["me@example.com"], **body})).json()
        assert (answer["subject"].split()[0], answer["language"]) == (subject, language)
    sent = [event for event in api.publisher.events if isinstance(event, MessageReady)]
    assert [(one.language, one.preview) for one in sent] == [("hi", "हिंदी"), ("default", "English")]
    assert sent[0].subject.startswith("[Test] नमस्ते")


@pytest.mark.parametrize(
    ("languages", "field", "code"),
    [
        ({"xx": TAMIL}, "message.languages.xx.[key]", "option"),
        ({"hi-IN": TAMIL}, "message.languages.hi-IN.[key]", "option"),
        ({"ta": {"subject": "x", "body": "{{ nme }}"}}, "message.languages.ta.body", "unknown_field"),
        ({"ta": {"subject": "x" * 201}}, "message.languages.ta.subject", "too_long"),
        ({"ta": {"languages": {}}}, "message.languages.ta.languages", "unknown"),
        (dict.fromkeys(list(LANGUAGE_NAMES)[:21], TAMIL), "message.languages", "too_long"),
    ],
)
async def test_texts_are_checked_when_they_are_saved(
    api: CampaignsApiFixture, languages: Any, field: str, code: str
) -> None:
    """Each error names the text and its part."""
    answer = await api.campaign(text="everyone", message={**ENGLISH, "languages": languages})
    errors = [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert errors == [(field, code)]


async def test_checklist_asks_for_every_text(api: CampaignsApiFixture) -> None:
    """What is empty, forbidden or too long is named with its language, and the launch is refused for it."""
    bad = {"hi": {"subject": "", "body": "नमस्ते"}, "ta": {"subject": "Hi", "body": "a secret sale"}}
    path = await campaign(api, message={**ENGLISH, "languages": bad}, style={"forbidden_words": ["secret"]})
    items = (await api.call("GET", f"{path}/checklist")).json()["items"]
    [message] = [item for item in items if item["code"] == "message"]
    assert [(error["field"], error["code"]) for error in message["errors"]] == [
        ("message.languages.hi.subject", "missing"),
        ("message.languages.ta.body", "forbidden_word"),
    ]
    assert (await api.call("POST", f"{path}/launch")).status_code == 422


async def test_sms_is_measured_in_every_language(api: CampaignsApiFixture) -> None:
    """Also in one that nobody of the audience speaks: somebody may by the time of the launch."""
    rows = [CustomerInput(external_id=f"p{n}", phone=f"+9198200000{n:02}", consent={"sms": True}) for n in range(3)]
    await CustomerUpserts(api.documents, hashes=HASHER).upsert(rows)
    long = {"bn": {"body": "অ" * 700}}
    path = await campaign(api, channel="sms", message={"body": "Come", "languages": long})
    items = (await api.call("GET", f"{path}/checklist")).json()["items"]
    [error] = next(item for item in items if item["code"] == "message")["errors"]
    assert (error["field"], error["code"]) == ("message.languages.bn.body", "too_long")
    estimate = (await api.call("POST", f"{path}/estimate")).json()
    assert (estimate["segments"]["total"], estimate["segments"]["most"]) == (3, 1)


async def test_copy_and_resend_keep_the_texts_and_an_old_page_does_not_lose_them(api: CampaignsApiFixture) -> None:
    """A message without `languages` leaves the texts; null takes them away."""
    path = await campaign(api)
    assert (await api.call("POST", f"{path}/copy")).json()["message"]["languages"].keys() == {"hi", "ta"}
    changed = (await api.call("PATCH", path, json={"message": {"subject": "New", "body": "Text"}})).json()["message"]
    assert (changed["subject"], changed["languages"]["hi"]["preview"]) == ("New", "हिंदी")
    gone = await api.call("PATCH", path, json={"message": {**ENGLISH, "languages": None}})
    assert "languages" not in gone.json()["message"]


async def test_links_of_every_text_are_counted(api: CampaignsApiFixture) -> None:
    """Each once, in their order."""
    languages = {"hi": {"subject": "a", "body": "https://x.example/hi https://x.example/a"}}
    message = {"subject": "a", "body": "https://x.example/a", "languages": languages}
    path = await campaign(api, message=message)
    assert (await api.call("POST", f"{path}/launch")).status_code == 202
    links = (await api.call("GET", f"{path}/statistics")).json()["links"]
    assert [link["url"] for link in links] == ["https://x.example/a", "https://x.example/hi"]
