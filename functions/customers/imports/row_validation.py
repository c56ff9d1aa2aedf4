"""Row validation: each row is validated separately, and each gets a result."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from common.clock import times_without_zone_in
from common.errors import FieldError
from common.events import field_errors

from ..commands.record_activities import ActivityResult
from ..commands.upsert import UpsertResult
from ..formats.json_rows import ParsedRow
from ..model.activity import ActivityInput, PersonStatement
from ..model.customer import CustomerInput
from .misfits import leave_out

Model = TypeVar("Model", bound=BaseModel)
WriteResult = TypeVar("WriteResult", ActivityResult, UpsertResult)
MAX_ROUNDS = 4
"""How often a row is tried with fewer cells: a cell may be wrong in several ways."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RowOutcome:
    """The result for one row."""

    row: int  # from 1; of a table, where a spreadsheet shows it
    status: str
    id: str | None = None  # the customer's
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()  # of cells that were left out


@dataclass(frozen=True, kw_only=True, slots=True)
class _ValidatedRow(Generic[Model]):
    """A row that fits the model, or why it does not."""

    model: Model | None = None
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()
    refusal: PersonStatement | None = None  # the no to messages of an activity that is not valid


def validate_customers(
    rows: Sequence[ParsedRow], *, zone: tzinfo
) -> tuple[list[CustomerInput], Callable[[Sequence[UpsertResult]], list[RowOutcome]]]:
    """Return the valid customers, and a function that turns their upsert results into the outcomes of all rows.

    A time without a time zone is in `zone`.
    """
    validated = _validate_all(CustomerInput, rows, zone)
    return [row.model for row in validated if row.model], lambda written: list(_merge_results(rows, validated, written))


def validate_activities(
    rows: Sequence[ParsedRow], *, zone: tzinfo
) -> tuple[list[ActivityInput | PersonStatement], Callable[[Sequence[ActivityResult]], list[RowOutcome]]]:
    """Return the valid activities, and a function that turns their results into the outcomes of all rows. Of a row that
    is not valid, what the person said no to is returned: a refunded order counts nothing, and its no to messages does.

    A time without a time zone is in `zone`.
    """
    validated = [
        one if one.model else replace(one, refusal=_refusal_in(row))
        for row, one in zip(rows, _validate_all(ActivityInput, rows, zone), strict=True)
    ]
    valid = [one.model or one.refusal for one in validated]
    return [one for one in valid if one], lambda written: list(_merge_results(rows, validated, written))


def _refusal_in(row: ParsedRow) -> PersonStatement | None:
    """Who says no in the row, and to what; None if nobody does, or nobody knows who it is."""
    said = (row.data or {}).get("consent")
    if not said:
        return None
    given = {name: value for name, value in (row.data or {}).items() if name in PersonStatement.model_fields}
    person = validate_row(PersonStatement, replace(row, data=given, errors=(), warnings=(), is_from_table=True)).model
    return person.model_copy(update={"consent": person.refusals}) if person and person.refusals else None


def _validate_all(model: type[Model], rows: Sequence[ParsedRow], zone: tzinfo) -> list[_ValidatedRow[Model]]:
    with times_without_zone_in(zone):
        return [validate_row(model, row) for row in rows]


def validate_row(model: type[Model], row: ParsedRow) -> _ValidatedRow[Model]:
    """The row as the model; of a table, without the cells that do not fit."""
    if row.errors:
        return _ValidatedRow(errors=row.errors)
    try:
        return _ValidatedRow(model=model.model_validate(row.data), warnings=row.warnings)
    except ValidationError as error:
        if row.is_from_table and row.data is not None:
            return _without_misfits(model, row, error)
        return _ValidatedRow(errors=tuple(field_errors(error)))


def _without_misfits(model: type[Model], row: ParsedRow, first_error: ValidationError) -> _ValidatedRow[Model]:
    """The row without the optional cells that do not fit; nobody is lost over one of them.

    If a field that is needed does not fit, the row is rejected with all that was wrong with it.
    """
    data = copy.deepcopy(row.data or {})
    warnings = list(row.warnings)
    error = first_error
    for _ in range(MAX_ROUNDS):
        left_out = [warning for detail in error.errors(include_url=False) for warning in leave_out(data, detail["loc"])]
        if not left_out:
            break
        messages = {one.field: one for one in field_errors(error)}
        for warning in left_out:
            reason = messages.get(warning.field, warning)
            warnings.append(replace(reason, field=warning.field, value=warning.value))
        try:
            return _ValidatedRow(model=model.model_validate(data), warnings=tuple(warnings))
        except ValidationError as next_error:
            error = next_error
    return _ValidatedRow(errors=tuple(field_errors(first_error)))


def _merge_results(
    rows: Sequence[ParsedRow], validated: Sequence[_ValidatedRow[Model]], written: Sequence[WriteResult]
) -> Iterator[RowOutcome]:
    """The outcome of each row: that of its write, or why it was not written."""
    results = iter(written)
    for row, one in zip(rows, validated, strict=True):
        if one.model is None:
            if one.refusal:
                next(results)
            yield RowOutcome(row=row.number, status="rejected", errors=one.errors)
        else:
            result = next(results)
            yield RowOutcome(
                row=row.number, status=result.status, id=result.id, errors=result.errors, warnings=one.warnings
            )
