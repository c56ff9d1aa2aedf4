"""The text of the single candidate that the model returns for a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from local.gemini.behaviour import GeminiMode
from local.gemini.misbehaviour import spoil
from local.gemini.people import personalized_texts
from local.gemini.plans import drafted_texts, goal_answer
from local.gemini.rules import rule_answer
from local.gemini.schema import example
from local.gemini.sentences import chosen_sentences, proposed_sentences
from local.gemini.summary import summary_claims

NONSENSE = 'Certainly! Colourless green ideas sleep furiously. ```{"messages": [{'


def request_data(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object in the last part of the request, or an empty one."""
    parts = [part.get("text", "") for content in request["contents"] for part in content.get("parts", ())]
    try:
        data = json.loads(parts[-1] if parts else "")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def generate_text(request: Mapping[str, Any], mode: GeminiMode) -> str:
    """The candidate: JSON as the schema asks for, or what the mode makes of it."""
    if mode in ("nonsense", "empty"):
        return NONSENSE if mode == "nonsense" else ""
    data = request_data(request)
    content = _build_content(data, _schema(request), seed=seed_of(request))
    if content is None:
        return "A short text."
    return json.dumps(spoil(content, data, mode), ensure_ascii=False)


def seed_of(request: Mapping[str, Any]) -> int:
    return int(request.get("generationConfig", {}).get("seed", 0))


def _schema(request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    configuration = request.get("generationConfig", {})
    schema: Mapping[str, Any] | None = configuration.get("responseJsonSchema") or configuration.get("responseSchema")
    return schema


def _build_content(data: Mapping[str, Any], schema: Mapping[str, Any] | None, *, seed: int) -> Any:
    """What the data asks for, by its names; otherwise an example of the schema."""
    if "sentences" in data and "people" in data:
        return {"messages": chosen_sentences(data, seed=seed)}
    if "message" in data and "wanted" in data:
        return {"proposed": proposed_sentences(data, seed=seed)}
    if "message" in data and "people" in data:
        return {"messages": personalized_texts(data["message"], data["people"], seed=seed)}
    if "goal" in data:
        return goal_answer(str(data["goal"])) if "fields" in data else {"messages": drafted_texts(data)}
    if "words" in data and "fields" in data:
        return rule_answer(str(data["words"]))
    if "slots" in data and "must" in data:
        return {"claims": summary_claims(data["slots"], str(data.get("language", "")))}
    return None if schema is None else example(schema)
