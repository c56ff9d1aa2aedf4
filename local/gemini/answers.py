"""The text of the single candidate that the model returns for a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.gemini.behaviour import GeminiMode
from local.gemini.people import personalized_texts
from local.gemini.schema import example
from local.gemini.summary import summary

NONSENSE = 'Certainly! Colourless green ideas sleep furiously. ```{"messages": [{'
PROMISE = "And only today: 75% off, with the code MEGA75, at https://deals.example/mega."


def request_data(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object in the last part of the request, or an empty one."""
    parts = [part.get("text", "") for content in request["contents"] for part in content.get("parts", ())]
    try:
        data = json.loads(parts[-1] if parts else "")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def generate_text(request: Mapping[str, Any], mode: GeminiMode) -> str:
    if mode in ("nonsense", "empty"):
        return NONSENSE if mode == "nonsense" else ""
    content = _build_content(request_data(request), _schema(request))
    if content is None:
        return "A short text."
    return json.dumps(_spoil(content, mode), ensure_ascii=False)


def _schema(request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    configuration = request.get("generationConfig", {})
    schema: Mapping[str, Any] | None = configuration.get("responseJsonSchema") or configuration.get("responseSchema")
    return schema


def _build_content(data: Mapping[str, Any], schema: Mapping[str, Any] | None) -> Any:
    if "message" in data and "people" in data:
        return {"messages": personalized_texts(data["message"], data["people"])}
    if "statistics" in data:
        return {"text": summary(data["statistics"], data.get("campaign") or {})}
    return None if schema is None else example(schema)


def _spoil(content: Any, mode: GeminiMode) -> Any:
    spoil = SPOILERS.get(mode)
    if spoil and isinstance(content, dict):
        for text in content.get("messages", [content]):
            spoil(text)
    return content


def _change_id(text: dict[str, Any]) -> None:
    text["id"] = f"{text.get('id')}-x"


def _add_promise(text: dict[str, Any]) -> None:
    field = "body" if "body" in text else "text"
    text[field] = f"{text.get(field, '')}\n\n{PROMISE}"


SPOILERS: Mapping[GeminiMode, Callable[[dict[str, Any]], None]] = {"wrong_ids": _change_id, "promises": _add_promise}
