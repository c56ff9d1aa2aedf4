"""Rows checked one by one: those that are right go on, and each gets an answer in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from common.errors import FieldError
from common.events import field_errors

from ..commands.record_activities import Counted
from ..commands.upsert import Upserted
from ..formats.json_rows import Given
from ..model.activity import ActivityIn
from ..model.customer import CustomerIn

Model = TypeVar("Model", bound=BaseModel)
Outcome = TypeVar("Outcome", Counted, Upserted)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What became of one row."""

    row: int  # from 1
    status: str
    id: str | None = None  # the customer's
    errors: tuple[FieldError, ...] = ()


def checked_customers(
    rows: Sequence[Given],
) -> tuple[list[CustomerIn], Callable[[Sequence[Upserted]], list[Result]]]:
    """The customers that are right, and what makes the answers to all rows of what became of those."""
    checks = [_check(CustomerIn, one) for one in rows]
    return [one for one in checks if isinstance(one, CustomerIn)], lambda done: list(_merged(rows, checks, done))


def checked_activities(
    rows: Sequence[Given],
) -> tuple[list[ActivityIn], Callable[[Sequence[Counted]], list[Result]]]:
    """The same for activities."""
    checks = [_check(ActivityIn, one) for one in rows]
    return [one for one in checks if isinstance(one, ActivityIn)], lambda done: list(_merged(rows, checks, done))


def _check(model: type[Model], given: Given) -> Model | tuple[FieldError, ...]:
    if given.errors:
        return given.errors
    try:
        return model.model_validate(given.data)
    except ValidationError as error:
        return tuple(field_errors(error))


def _merged(
    rows: Sequence[Given], checks: Sequence[BaseModel | tuple[FieldError, ...]], done: Sequence[Outcome]
) -> Iterator[Result]:
    outcomes = iter(done)
    for given, check in zip(rows, checks, strict=True):
        if isinstance(check, tuple):
            yield Result(row=given.number, status="rejected", errors=check)
        else:
            one = next(outcomes)
            yield Result(row=given.number, status=one.status, id=one.id, errors=one.errors)
