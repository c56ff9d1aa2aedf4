"""A goal becomes a draft: nothing in it is guessed, and no offer is invented."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.assist.goal import channel_of, cut_goal, is_said, names_people, suggest_time
from common.errors import Unavailable
from common.llm.language_model import ModelResponse, Prompt
from common.storage.documents import Query
from local.gemini.plans import drafted_texts, goal_answer
from tests.component.test_api_campaigns import CampaignsApiFixture

PATH = "/api/assist/plans"
GOAL = "Bring back people who have not visited for 90 days, with 15% off your next order, code BACK15, until Sunday"
GOOD = "Hi ⟦first_name⟧,\n\nit is always good to see you. Have a look: ⟦offer⟧, with ⟦code⟧. See you soon!"


class Planner:
    """Answers a goal as the stand-in does. `bodies` replace its texts by angle; each list is used up one by one."""

    def __init__(self, **bodies: list[str]) -> None:
        self.prompts: list[Prompt] = []
        self._bodies = bodies

    async def generate(self, prompt: Prompt) -> ModelResponse:
        self.prompts.append(prompt)
        if "fields" in prompt.data:
            return ModelResponse(content=goal_answer(prompt.data["goal"]))
        texts = drafted_texts(prompt.data)
        for text in texts:
            if left := self._bodies.get(text["angle"]):
                text["body"] = left.pop(0)
        return ModelResponse(content={"messages": texts})


async def plan(goal: str, planner: Planner | None = None, **body: Any) -> tuple[CampaignsApiFixture, Any]:
    api = CampaignsApiFixture()
    await api.customers()
    api.model.generate = (planner or Planner()).generate  # type: ignore[method-assign]
    return api, await api.call("POST", PATH, json={"goal": goal, **body})


async def test_goal_becomes_a_draft_with_audience_and_messages() -> None:
    """The rule is validated, described and counted; the draft has the first of three different messages."""
    api, response = await plan(GOAL)
    answer = response.json()
    assert response.status_code == 201
    assert answer["audience"]["rule"]["text"] == "inactive for 90 days"
    assert answer["audience"]["count"] == 1
    assert [one["angle"] for one in answer["messages"]] == ["benefit", "personal", "question"]
    assert len({one["message"]["body"] for one in answer["messages"]}) == 3
    for one in answer["messages"]:
        assert "15% off your next order" in one["message"]["body"]
        assert "BACK15" in one["message"]["body"]
        assert '{{ first_name | default("there") }}' in one["message"]["body"]
        assert "90" not in one["message"]["body"]
    draft = answer["campaign"]
    assert (draft["state"], draft["message"], draft["rule"]["text"]) == (
        "draft",
        answer["messages"][0]["message"],
        "inactive for 90 days",
    )
    assert draft["name"].startswith("Bring back people")
    [entry] = await api.documents.query(Query(collection="audit_outbox"))
    assert (entry["what"], entry["campaign"], entry["planned"]) == ("create", draft["id"], True)


@pytest.mark.parametrize(
    "body",
    [
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧, and delivery is free.",
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧, on everything we have.",
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧, or half price.",
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧, or twenty per cent off.",
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧, we give your money back.",
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧ or MEGA75.",
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧ at https://deals.example.",
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧ and a gift.",
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧ until Monday.",
        "Hi ⟦first_name⟧, have up to ⟦offer⟧ with ⟦code⟧.",
        "Hi ⟦first_name⟧, have ⟦offer⟧ with ⟦code⟧ for ⟦amount⟧.",
        "Hi {{ email }}, have ⟦offer⟧ with ⟦code⟧ today.",
        "Hi ⟦first_name⟧, we would be glad to see you again.",
        "",
    ],
)
async def test_message_with_an_offer_of_its_own_is_refused(body: str) -> None:
    """Gemini is asked for it once more, with the reason; then the plan goes without this message."""
    planner = Planner(benefit=[body, body])
    _, response = await plan(GOAL, planner)
    answer = response.json()
    assert [one["angle"] for one in answer["messages"]] == ["personal", "question"]
    assert [one["angle"] for one in answer["refused"]] == ["benefit"]
    [_, _, again] = planner.prompts
    assert [one["angle"] for one in again.data["angles"]] == ["benefit"]
    assert again.data["angles"][0]["error"]


async def test_message_that_is_good_at_the_second_try_is_used() -> None:
    """The other two are kept from the first answer."""
    _, response = await plan(GOAL, Planner(personal=["Everything is free.", GOOD]))
    answer = response.json()
    assert answer["refused"] == []
    assert [one["angle"] for one in answer["messages"]] == ["benefit", "personal", "question"]


async def test_numbers_of_the_audience_are_no_offer() -> None:
    """What people spent is a condition: there is no slot that a message could promise it with."""
    planner = Planner()
    _, response = await plan("Thank people who spent over 10,000, with free delivery on the next order", planner)
    slots = str(planner.prompts[1].data["slots"])
    assert "10,000" not in slots
    assert "free delivery" in slots
    assert response.json()["audience"]["rule"]["text"] == "spend > 10000"
    assert all("10,000" not in str(one["message"]) for one in response.json()["messages"])


@pytest.mark.parametrize(
    ("goal", "code"),
    [
        ("Sell more winter coats, with 20% off", "unclear"),
        ("Bring back people who have not been here recently, with 15% off", "unclear"),
    ],
)
async def test_unclear_goal_is_asked_back(goal: str, code: str) -> None:
    """Whom it is for, and how long "recently" is, is not guessed: no draft, and no messages are paid for."""
    planner = Planner()
    api, response = await plan(goal, planner)
    answer = response.json()
    assert (response.status_code, answer["campaign"], answer["messages"]) == (200, None, [])
    assert [one["code"] for one in answer["audience"]["questions"]] == [code]
    assert len(planner.prompts) == 1
    assert await api.documents.query(Query(collection="campaigns")) == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"audience": "all rich people", "root": "1", "nodes": [{"id": "1", "op": "everyone"}]}, "audience"),
        ({"audience": "", "root": "1", "nodes": [{"id": "1", "op": "everyone"}]}, "audience"),
        (
            {
                "audience": "people who have not visited for 90 days",
                "root": "1",
                "nodes": [{"id": "1", "op": "inactive", "days": 60}],
            },
            "number",
        ),
        (
            {
                "audience": "people who have not visited for 90 days",
                "root": "1",
                "nodes": [{"id": "1", "op": ">", "field": "income", "value": 90}],
            },
            "rule",
        ),
        ({"nodes": "x"}, "audience"),
    ],
)
async def test_invented_audience_is_asked_back(answer: dict[str, Any], code: str) -> None:
    """The audience must be a part of the goal, its numbers must be in that part, and its fields must exist."""
    api = CampaignsApiFixture()
    await api.customers()
    api.model.content = {"questions": [], **answer}
    response = await api.call("POST", PATH, json={"goal": GOAL})
    assert response.status_code == 200
    assert [one["code"] for one in response.json()["audience"]["questions"]] == [code]


async def test_plan_repeated_with_a_key_is_one_draft() -> None:
    """The answer is the same, and Gemini is not asked again."""
    planner = Planner()
    api = CampaignsApiFixture()
    await api.customers()
    api.model.generate = planner.generate  # type: ignore[method-assign]
    body, key = {"goal": GOAL}, {"Idempotency-Key": "k-1"}
    first = await api.call("POST", PATH, json=body, headers=key)
    again = await api.call("POST", PATH, json=body, headers=key)
    assert (first.status_code, again.status_code, again.text) == (201, 201, first.text)
    assert len(planner.prompts) == 2
    assert len(await api.documents.query(Query(collection="campaigns"))) == 1


async def test_plan_without_gemini_is_unavailable_and_over_the_budget_refused() -> None:
    """No draft is left. The calls count as previews."""
    api = CampaignsApiFixture(GEMINI_PREVIEW_CALLS="3")
    await api.customers()
    assert (await api.call("POST", PATH, json={"goal": GOAL})).status_code == 503
    api.model.generate = Planner().generate  # type: ignore[method-assign]
    half = (await api.call("POST", PATH, json={"goal": GOAL})).json()
    assert half["messages"] != []
    assert (await api.call("POST", PATH, json={"goal": GOAL})).status_code == 429


async def test_draft_without_messages_says_so() -> None:
    """Gemini read the goal, and was gone when it should write: the audience is kept, the message is empty."""

    class Gone(Planner):
        async def generate(self, prompt: Prompt) -> ModelResponse:
            if "fields" not in prompt.data:
                raise Unavailable
            return await super().generate(prompt)

    _, response = await plan(GOAL, Gone())
    answer = response.json()
    assert (response.status_code, answer["campaign"]["message"]["body"], answer["messages"]) == (201, "", [])
    assert {one["reason"] for one in answer["refused"]} == {"unavailable"}


async def test_hindi_goal_gets_hindi_messages() -> None:
    """The texts are in the goal's language, on the channel that it names."""
    _, response = await plan("सभी ग्राहकों को SMS: अगले ऑर्डर पर 15% की छूट, कोड DIWALI15", language="hi")
    answer = response.json()
    assert answer["audience"]["rule"]["text"] == "everyone"
    assert answer["campaign"]["channel"] == "sms"
    assert len(answer["messages"]) == 3
    assert all("नमस्ते" in one["message"]["body"] and not one["message"]["subject"] for one in answer["messages"])


IST = ZoneInfo("Asia/Kolkata")
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("send_on", "goal", "now", "at", "reason"),
    [
        (None, "15% off", MONDAY, "2026-11-24T10:00", "next_morning"),
        (None, "15% off", datetime(2026, 11, 27, 12, tzinfo=UTC), "2026-11-30T10:00", "next_morning"),
        (date(2026, 11, 27), "send it on Friday", MONDAY, "2026-11-27T10:00", "said"),
        (date(2026, 12, 5), "on 5 December", MONDAY, "2026-12-05T10:00", "said"),
        (date(2026, 11, 24), "kal bhejo", MONDAY, "2026-11-24T10:00", "said"),
        (date(2026, 11, 26), "send it on Friday", MONDAY, "2026-11-24T10:00", "next_morning"),
        (date(2026, 11, 23), "send it today", MONDAY, "2026-11-24T10:00", "next_morning"),
        (date(2020, 1, 1), "2020-01-01", MONDAY, "2026-11-24T10:00", "next_morning"),
    ],
)
def test_time_is_what_the_goal_says_or_the_next_working_morning(
    send_on: date | None, goal: str, now: datetime, at: str, reason: str
) -> None:
    """A day that the goal does not name is not used, nor one that is over."""
    found = suggest_time(send_on, goal, now=now, zone=IST)
    assert (found[0].strftime("%Y-%m-%dT%H:%M"), found[1]) == (at, reason)


def test_goal_is_cut_at_an_exact_part() -> None:
    """Case and spaces may differ, words may not."""
    cut = cut_goal("Write to People  who spent 5, with 10% off", "people who spent 5")
    assert cut is not None
    assert (cut.audience, cut.message) == ("People  who spent 5", "Write to \n, with 10% off")
    assert cut_goal("Write to people", "persons") is None
    assert cut_goal("Write to peoples", "people") is None
    assert cut_goal("सभी ग्राहकों को", "सभी ग्राहक") is None
    won = cut_goal("Win people who left back with 10% off", "people who left")
    assert won is not None
    assert won.message == "bring \n back with 10% off"
    told = cut_goal("Tell everyone about 15% off", "everyone")
    assert told is not None
    assert told.message == "Tell: 15% off"
    assert cut_goal("Write to people", " ") is None
    assert channel_of("an SMS to everyone") == "sms"
    assert not is_said(date(2026, 12, 5), "on 5 people", date(2026, 11, 23))


@pytest.mark.parametrize(
    ("goal", "day"),
    [
        ("20% off until Friday", False),
        ("the sale ends tomorrow", False),
        ("शुक्रवार तक 20% की छूट", False),
        ("you may get 28% off", False),
        ("write to them on Friday", True),
        ("शुक्रवार को लिखें", True),
        ("on 28 May", True),
        ("on the 28th of May", True),
        ("on May 28", True),
    ],
)
def test_day_of_a_deadline_is_not_the_day_to_write(goal: str, day: bool) -> None:
    """Nor is a month that is a verb."""
    today = date(2027, 5, 27)  # a Thursday
    assert is_said(date(2027, 5, 28), goal, today) is day


@pytest.mark.parametrize(
    ("rest", "is_left"),
    [
        ("Win back\nwho spent over ₹5,000 with 20% off", True),
        ("Tell about our sale: customers who ordered 3 times get 10% off", True),
        ("जिन्होंने 3 बार ख़रीदा", True),
        ("Bring back with 20% off until Friday", False),
    ],
)
def test_condition_that_is_left_in_a_goal_is_noticed(rest: str, is_left: bool) -> None:
    """It could be taken for an offer: "enjoy over ₹5,000"."""
    assert names_people(rest) is is_left
