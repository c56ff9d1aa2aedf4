"""The types of attributes that somebody chose: one document, because an import needs all of them.

    settings/attributes   types   a list of `name` and `type`

Columns of files are read as the chosen type. Values that are stored already stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from common.storage.documents import DocumentReader, Snapshot

ChosenType = Literal["number", "text", "flag", "date", "list"]
CHOSEN_TYPES_PATH = "settings/attributes"
MAX_CHOSEN = 1_000


async def read_chosen_types(documents: DocumentReader) -> dict[str, ChosenType]:
    """The chosen type of each attribute that has one, by name."""
    return chosen_types(await documents.get(CHOSEN_TYPES_PATH))


def chosen_types(stored: Snapshot) -> dict[str, ChosenType]:
    """The same of the document as it was read."""
    return {one["name"]: one["type"] for one in stored.get("types", ())}


def to_document(types: Mapping[str, ChosenType]) -> dict[str, list[dict[str, str]]]:
    """The fields of the document."""
    return {"types": [{"name": name, "type": type_} for name, type_ in sorted(types.items())]}
