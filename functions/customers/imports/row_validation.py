"""Row validation: each row is validated separately, and each gets a result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from common.clock import times_without_zone_in
from common.errors import FieldError
from common.events import field_errors

from ..commands.record_activities import ActivityResult
from ..commands.upsert import UpsertResult
from ..formats.json_rows import ParsedRow
from ..model.activity import ActivityInput
from ..model.customer import CustomerInput

Model = TypeVar("Model", bound=BaseModel)
WriteResult = TypeVar("WriteResult", ActivityResult, UpsertResult)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowOutcome:
    """The result for one row."""

    row: int  # from 1
    status: str
    id: str | None = None  # the customer's
    errors: tuple[FieldError, ...] = ()


def validate_customers(
    rows: Sequence[ParsedRow], *, zone: tzinfo
) -> tuple[list[CustomerInput], Callable[[Sequence[UpsertResult]], list[RowOutcome]]]:
    """Return the valid customers, and a function that turns their upsert results into the outcomes of all rows.

    A time without a time zone is in `zone`.
    """
    validations = _validate_all(CustomerInput, rows, zone)
    return [row for row in validations if isinstance(row, CustomerInput)], lambda written: list(
        _merge_results(rows, validations, written)
    )


def validate_activities(
    rows: Sequence[ParsedRow], *, zone: tzinfo
) -> tuple[list[ActivityInput], Callable[[Sequence[ActivityResult]], list[RowOutcome]]]:
    """Return the valid activities, and a function that turns their results into the outcomes of all rows.

    A time without a time zone is in `zone`.
    """
    validations = _validate_all(ActivityInput, rows, zone)
    return [row for row in validations if isinstance(row, ActivityInput)], lambda written: list(
        _merge_results(rows, validations, written)
    )


def _validate_all(model: type[Model], rows: Sequence[ParsedRow], zone: tzinfo) -> list[Model | tuple[FieldError, ...]]:
    with times_without_zone_in(zone):
        return [_validate(model, row) for row in rows]


def _validate(model: type[Model], row: ParsedRow) -> Model | tuple[FieldError, ...]:
    if row.errors:
        return row.errors
    try:
        return model.model_validate(row.data)
    except ValidationError as error:
        return tuple(field_errors(error))


def _merge_results(
    rows: Sequence[ParsedRow], validations: Sequence[BaseModel | tuple[FieldError, ...]], written: Sequence[WriteResult]
) -> Iterator[RowOutcome]:
    results = iter(written)
    for row, validation in zip(rows, validations, strict=True):
        if isinstance(validation, tuple):
            yield RowOutcome(row=row.number, status="rejected", errors=validation)
        else:
            result = next(results)
            yield RowOutcome(row=row.number, status=result.status, id=result.id, errors=result.errors)
