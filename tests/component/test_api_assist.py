"""Plain words become a rule: validated, counted, described, and never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.assist.numbers import numbers_in
from common.llm.language_model import ModelResponse, Prompt
from common.llm.usage import GeminiUsage
from local.gemini.rules import rule_answer
from tests.component.test_api_campaigns import CampaignsApiFixture


class StandIn:
    """The answers of the local stand-in, which understands a few ways to say a condition."""

    def __init__(self, answer: Any = None) -> None:
        self.prompts: list[Prompt] = []
        self._answer = answer

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        return ModelResponse(content=self._answer or rule_answer(prompt.data["words"]), input_tokens=10)


async def ask(words: str, answer: Any = None, **body: Any) -> Any:
    """The response for these words; `answer` is what Gemini answers instead of the stand-in."""
    api = CampaignsApiFixture()
    await api.customers()
    api.model.generate = StandIn(answer).generate  # type: ignore[method-assign]
    return await api.call("POST", "/api/assist/rules", json={"words": words, **body})


def node(op: str, **fields: Any) -> dict[str, Any]:
    """Gemini's answer with one node."""
    return {"root": "1", "nodes": [{"id": "1", "op": op, **fields}], "questions": []}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("everyone", "everyone"),
        ("all customers", "everyone"),
        ("sabhi log", "everyone"),
        ("people who spent over 10,000", "spend > 10000"),
        ("people who spent over ten thousand", "spend > 10000"),
        ("who spent more than 2 lakh", "spend > 200000"),
        ("spent above 10k", "spend > 10000"),
        ("spent less than five hundred rupees", "spend < 500"),
        ("jinhone 5000 se zyada kharch kiya", "spend > 5000"),
        ("jinka kharcha das hazaar se kam hai", "spend < 10000"),
        ("जिन्होंने दस हजार से ज़्यादा खर्च किया", "spend > 10000"),
        ("जिन्होंने 2 लाख से अधिक खर्च किया", "spend > 200000"),
        ("haven't come in three months", "inactive for 90 days"),
        ("who have not visited for 90 days", "inactive for 90 days"),
        ("inactive for a year", "inactive for 365 days"),
        ("people we have not seen in six weeks", "inactive for 42 days"),
        ("teen mahine se nahi aaye", "inactive for 90 days"),
        ("जो तीन महीने से नहीं आए", "inactive for 90 days"),
        ("jo 30 din se nahi aaye", "inactive for 30 days"),
        ("active in the last 2 weeks", "active within 14 days"),
        ("who came within the last 10 days", "active within 10 days"),
        ("visited in the last month", "active within 30 days"),
        ("with fewer than 3 visits", "visits < 3"),
        ("at least five visits", "visits >= 5"),
        ("more than two orders", "orders > 2"),
        ("exactly one order", "orders = 1"),
        ("with no orders", "orders = 0"),
        ("from Pune", 'city = "Pune"'),
        ("people who live in Mumbai", 'city = "Mumbai"'),
        ("Pune ke log", 'city = "Pune"'),
        ("पुणे के लोग", 'city = "पुणे"'),
        ("not from Pune", 'city != "Pune"'),
        ("without an email", "email is missing"),
        ("people with no phone", "phone is missing"),
        ("tagged vip", 'has tag "vip"'),
        ("not tagged as vip", 'NOT has tag "vip"'),
        (
            "people who spent over ten thousand but haven't come in three months",
            "spend > 10000 AND inactive for 90 days",
        ),
        ("spent over 10000 and fewer than 3 visits", "spend > 10000 AND visits < 3"),
        ("from Pune or inactive for 60 days", 'city = "Pune" OR inactive for 60 days'),
        ("Mumbai se aur 5000 se zyada kharch", 'city = "Mumbai" AND spend > 5000'),
        ("from Delhi, tagged vip and at least 4 orders", 'city = "Delhi" AND has tag "vip" AND orders >= 4'),
        ("jinhone 10000 se zyada kharch kiya aur teen mahine se nahi aaye", "spend > 10000 AND inactive for 90 days"),
        ("जिन्होंने 5000 से ज़्यादा खर्च किया और दो महीने से नहीं आए", "spend > 5000 AND inactive for 60 days"),
    ],
)
async def test_words_become_a_rule(words: str, text: str) -> None:
    """In English, Hindi and Hinglish, with numbers in digits and in words."""
    found = (await ask(words)).json()
    assert (found["questions"], (found["rule"] or {}).get("text")) == ([], text)


@pytest.mark.parametrize(
    "words",
    [
        "recent customers", "people who came recently", "big spenders", "loyal customers", "who order often",
        "new customers from Pune", "people who have been away for long", "rich people", "aksar aane wale",
        "haal ke grahak", "who like blue things", "the good ones", "those with many orders",
    ],
)  # fmt: skip
async def test_ambiguous_words_are_asked_back(words: str) -> None:
    """Without a number there is no rule."""
    found = (await ask(words)).json()
    assert (found["rule"], found["count"]) == (None, None)
    assert found["questions"]
    assert {question["code"] for question in found["questions"]} == {"unclear"}


@pytest.mark.parametrize(
    ("words", "answer", "code", "about"),
    [
        ("recent customers", node("active", days=30), "number", "30"),
        ("big spenders", node(">", field="spend", value=10_000), "number", "10000"),
        ("spent over ten thousand", node(">", field="spend", value=100_000), "number", "100000"),
        ("two weeks away", node("inactive", days=21), "number", "21"),
        ("between 5 and 10 visits", node("between", field="visits", low=5, high=15), "number", "15"),
        ("who ordered lately", node("ordered", value=1, days=14), "number", "14"),
        ("joined since yesterday week", node(">", field="created_at", value={"days_ago": 9}), "unclear", "?"),
        ("our friends", node("=", field="city", value="Pune"), "name", "Pune"),
        ("the best people", node("has_tag", tag="vip"), "name", "vip"),
        ("since Diwali", node(">=", field="created_at", value="2026-11-08"), "date", "2026-11-08"),
        ("blue eyes", node("=", field="eyes", value="blue"), "rule", "unknown field"),
        ("in the segment of friends", node("in_segment", segment="friends"), "rule", "friends"),
        ("those of pune", node("and", of=[]), "rule", "missing"),
        ("those of pune", node("and", of=["1"]), "rule", "no tree"),
        ("those of pune", node("not", of=["2"]), "rule", "no tree"),
        ("those of pune", {"root": "9", "nodes": [{"id": "1", "op": "everyone"}]}, "rule", "no tree"),
        ("those of pune", "Certainly!", "unclear", "?"),
    ],
)
async def test_guess_of_the_model_is_asked_back(words: str, answer: Any, code: str, about: str) -> None:
    """A number, name or date that nobody said, a field or a tree that does not exist: never a rule."""
    found = (await ask(words, answer)).json()
    assert found["rule"] is None
    [question, *_] = found["questions"]
    assert question["code"] == code
    assert about in question["about"]


async def test_rule_has_its_count_words_and_how_negatives_were_taken() -> None:
    """In the reader's language; it is not saved."""
    found = (await ask("not from Pune and inactive for 90 days", language="hi")).json()
    assert found["notes"] == [
        {"code": "missing_left_out", "field": "city"}, {"code": "never_active_left_out", "field": "last_active_at"},
    ]  # fmt: skip
    big = (await ask("people who spent over ten thousand")).json()
    assert (big["count"], "₹10,000" in big["rule"]["description"]) == (1, True)
    assert "ग्राहक" in found["rule"]["description"]


async def test_words_cost_a_call_of_the_previews() -> None:
    """So a client cannot ask for ever; without an answer of Gemini there is none here either."""
    api = CampaignsApiFixture()
    assert (await api.call("POST", "/api/assist/rules", json={"words": "everyone"})).status_code == 503
    used = await GeminiUsage(api.documents, instance="any").get(f"previews-{api.now:%Y%m%d}")
    assert used.calls == 1


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ten thousand", {10_000}), ("1,23,456.50", {123_456.5}), ("10k", {10_000}), ("twenty five", {25}),
        ("two hundred and fifty", {200, 50}), ("2 lakh 50 thousand", {250_000}), ("das hazaar", {10_000}),
        ("ढाई लाख", {250_000}), ("three months", {3, 90}), ("5 or 10", {5, 10}), ("a year", {365}), ("१२ दिन", {12}),
        ("five thousand two hundred", {5_200}),
    ],
)  # fmt: skip
def test_numbers_in_words_are_read(text: str, numbers: set[float]) -> None:
    """English, Hindi and Hinglish, Indian grouping, and periods in days."""
    assert numbers <= numbers_in(text)
