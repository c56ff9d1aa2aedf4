"""HTTP routes for saved mappings: what a member chose for the columns of a file, for the next file of that shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from common.storage.documents import Snapshot
from common.web.app import DocumentId
from common.web.auth import Manager, guarded_router

from ..formats.columns import ACTIVITIES, CUSTOMERS, SUPPRESSIONS, RowSchema, is_field
from ..imports.preview import PreviewType
from ..imports.upload import ColumnChoiceInput
from ..services import ServicesDep

router = guarded_router("/api/imports/mappings", tag="imports")
SCHEMAS: Mapping[PreviewType, RowSchema] = {
    "customers": CUSTOMERS,
    "activities": ACTIVITIES,
    "suppressions": SUPPRESSIONS,
}
MAX_COLUMNS_SIZE = 20_000
Heading = Annotated[str, Field(max_length=1_000)]


class SaveMappingRequest(BaseModel):
    """A mapping, and the headings of the file that it is for."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    what: PreviewType = "customers"
    headings: list[Heading] = Field(min_length=1, max_length=500, description="the `key` of each column in a preview")
    columns: dict[Heading, ColumnChoiceInput] = Field(
        min_length=1,
        max_length=500,
        description="by heading, what is not understood by itself; as `columns` of an import",
    )

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not name.isprintable():
            raise PydanticCustomError("characters", "The name may have printable characters only")
        return name

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        """Only columns of the file, only fields that there are, and no more than an import takes."""
        if not self.columns.keys() <= set(self.headings):
            raise PydanticCustomError("unknown", "Each column must be one of the headings")
        if outdated := outdated_columns(self.what, self.written_columns):
            raise PydanticCustomError("unknown", "No field: {columns}", {"columns": ", ".join(outdated)[:500]})
        if len(json.dumps(self.written_columns)) > MAX_COLUMNS_SIZE:
            raise PydanticCustomError("too_large", "The columns together may take 20,000 characters")
        return self

    @property
    def written_columns(self) -> dict[str, Any]:
        """As they are stored."""
        return {key: choice.model_dump(exclude_none=True) for key, choice in self.columns.items()}


class SavedMapping(BaseModel):
    """A saved mapping."""

    id: str
    name: str
    what: PreviewType
    columns: dict[str, ColumnChoiceInput] = Field(description="send them as `columns` of a preview or an import")
    outdated: list[str] = Field(description="columns whose field does not exist any more: they are not in `columns`")
    by: str
    at: datetime

    @classmethod
    def from_snapshot(cls, stored: Snapshot) -> Self:
        """Without the columns whose field does not exist any more."""
        columns = json.loads(stored["columns"])
        outdated = outdated_columns(stored["what"], columns)
        kept = {key: choice for key, choice in columns.items() if key not in outdated}
        return cls.model_validate({**(stored.data or {}), "id": stored.id, "columns": kept, "outdated": outdated})


class SavedMappingList(BaseModel):
    """All saved mappings, the newest first."""

    items: list[SavedMapping]


def outdated_columns(what: PreviewType, columns: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The columns whose field does not exist."""
    return [
        key
        for key, choice in columns.items()
        if choice.get("field") is not None and not is_field(choice["field"], SCHEMAS[what])
    ]


@router.get("", operation_id="list_import_mappings")
async def list_mappings(services: ServicesDep, member: Manager) -> SavedMappingList:
    """Returns the saved mappings. The preview of a file has those of its shape (`mappings`)."""
    return SavedMappingList(items=[SavedMapping.from_snapshot(one) for one in await services.saved_mappings.all()])


@router.put("", operation_id="save_import_mapping")
async def save_mapping(body: SaveMappingRequest, services: ServicesDep, member: Manager) -> SavedMapping:
    """Saves what was chosen for the columns of a file under a name, instead of what had this name.

    The preview of the next file with the same headings, in whatever order, offers it. Nothing is used by itself: send
    its `columns` with the preview and the import. 409 if there are 200 of them.
    """
    stored = await services.saved_mappings.save(
        body.name, body.what, body.headings, body.written_columns, by=member.actor
    )
    return SavedMapping.from_snapshot(stored)


@router.delete("/{mapping_id}", status_code=204, operation_id="delete_import_mapping")
async def delete_mapping(mapping_id: DocumentId, services: ServicesDep, member: Manager) -> None:
    """Deletes a saved mapping. Imports that used it stay as they are."""
    await services.saved_mappings.delete(mapping_id, by=member.actor)
