"""Requests take objects as the API itself gives them: what only Herald writes is then not read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def without_computed(value: Any, *, known_by: Collection[str], computed: Collection[str]) -> Any:
    """The object without its `computed` fields, if it has all of `known_by`: so it is one that the API gave.

    In any other object an unknown field stays, and is an error: it may be a misspelled one.
    """
    if not isinstance(value, Mapping) or not value.keys() >= set(known_by):
        return value
    return {name: one for name, one in value.items() if name not in computed}
