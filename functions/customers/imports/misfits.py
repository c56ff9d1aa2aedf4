"""Leaving out what does not fit in a row of a table, with a warning that says what was there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from common.errors import FieldError

from ..model.attributes import MAX_BYTES, Attributes

NEEDED = frozenset({"event_id", "type", "at", "amount", "customer_id"})
"""Fields without which a row says nothing."""

MAX_NUMBER = 100
"""Attributes of one customer."""

MAX_SHOWN = 200
_ATTRIBUTES: TypeAdapter[Any] = TypeAdapter(Attributes)


def leave_out(data: dict[str, Any], path: Sequence[int | str]) -> Iterator[FieldError]:
    """Remove the value at the path of an error of pydantic, and yield a warning for it; nothing if it is needed."""
    if not path or path[0] in NEEDED or path[0] not in data:
        return
    name = str(path[0])
    if name in {"attributes", "fields"}:
        yield from _fit_map(data, name)
    elif isinstance(data[name], dict) and len(path) > 1 and path[1] in data[name]:
        yield _warning(f"{name}.{path[1]}", data[name].pop(path[1]))
    elif isinstance(data[name], list) and len(path) > 1 and isinstance(path[1], int):
        entry = data[name][path[1]] if path[1] < len(data[name]) else None
        data[name] = [other for other in data[name] if other != entry]
        yield _warning(".".join(map(str, path[:2])), entry)
    elif isinstance(data[name], list) and len(data[name]) > MAX_NUMBER:
        yield _warning(name, data[name][MAX_NUMBER:])
        data[name] = data[name][:MAX_NUMBER]
    else:
        yield _warning(name, data.pop(name))


def _fit_map(data: dict[str, Any], name: str) -> Iterator[FieldError]:
    """Leave out the entries that no customer can have, those past the hundredth, and the longest ones."""
    entries: dict[str, Any] = data[name]
    for key in list(entries):
        try:
            _ATTRIBUTES.validate_python({key: entries[key]})
        except ValidationError as error:
            message = error.errors(include_url=False)[0]["msg"]
            yield _warning(f"{name}.{key}"[:MAX_SHOWN], entries.pop(key), "attributes", message)
    for key in list(entries)[MAX_NUMBER:]:
        yield _warning(
            f"{name}.{key}", entries.pop(key), "too_many", f"A customer has at most {MAX_NUMBER} attributes."
        )
    sizes = {key: len(json.dumps({key: value})) for key, value in entries.items()}
    total = sum(sizes.values())
    for key in sorted(sizes, key=lambda one: -sizes[one]):
        if total <= MAX_BYTES:
            return
        total -= sizes[key]
        message = f"All attributes together may take {MAX_BYTES:,} bytes; this is one of the longest."
        yield _warning(f"{name}.{key}", entries.pop(key), "too_large", message)


def _warning(field: str, value: Any, code: str = "invalid", message: str = "This does not fit.") -> FieldError:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return FieldError(field=field, code=code, message=message, value=text[:MAX_SHOWN])
