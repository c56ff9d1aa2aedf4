"""What the model says to a request: the text of its one candidate."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.gemini.behaviour import Mode
from local.gemini.people import texts
from local.gemini.schema import example
from local.gemini.summary import summary

NONSENSE = 'Certainly! Colourless green ideas sleep furiously. ```{"messages": [{'
PROMISE = "And only today: 75% off, with the code MEGA75, at https://deals.example/mega."


def data_of(request: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object in the user's part, or an empty one."""
    parts = [part.get("text", "") for content in request["contents"] for part in content.get("parts", ())]
    try:
        data = json.loads(parts[-1] if parts else "")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def answer(request: Mapping[str, Any], mode: Mode) -> str:
    if mode in ("nonsense", "empty"):
        return NONSENSE if mode == "nonsense" else ""
    content = _content(data_of(request), _schema(request))
    if content is None:
        return "A short text."
    return json.dumps(_spoilt(content, mode), ensure_ascii=False)


def _schema(request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    configuration = request.get("generationConfig", {})
    schema: Mapping[str, Any] | None = configuration.get("responseJsonSchema") or configuration.get("responseSchema")
    return schema


def _content(data: Mapping[str, Any], schema: Mapping[str, Any] | None) -> Any:
    if "message" in data and "people" in data:
        return {"messages": texts(data["message"], data["people"])}
    if "statistics" in data:
        return {"text": summary(data["statistics"], data.get("campaign") or {})}
    return None if schema is None else example(schema)


def _spoilt(content: Any, mode: Mode) -> Any:
    spoil = SPOILERS.get(mode)
    if spoil and isinstance(content, dict):
        for one in content.get("messages", [content]):
            spoil(one)
    return content


def _rename(text: dict[str, Any]) -> None:
    text["id"] = f"{text.get('id')}-x"


def _promise(text: dict[str, Any]) -> None:
    place = "body" if "body" in text else "text"
    text[place] = f"{text.get(place, '')}\n\n{PROMISE}"


SPOILERS: Mapping[Mode, Callable[[dict[str, Any]], None]] = {"wrong_ids": _rename, "promises": _promise}
