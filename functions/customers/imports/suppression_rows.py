"""Rows of a list of people who must not be written to: each address in a row is suppressed for itself."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from common.catalogue.channels import ADDRESS_KINDS
from common.errors import FieldError
from common.events import field_errors

from ..commands.suppress import SuppressionInput
from ..formats.json_rows import ParsedRow


def validate_suppressions(row: ParsedRow) -> tuple[list[SuppressionInput], tuple[FieldError, ...]]:
    """What the row suppresses, and what is wrong with it. In a row of a table one address may be readable, and another
    one not: the first is suppressed, and the other is an error."""
    entries: list[SuppressionInput] = []
    errors = list(row.errors)
    if row.is_from_table:
        errors += [
            warning for warning in row.warnings if warning.field in ADDRESS_KINDS and warning.code != "misspelled"
        ]
    for data in _parts(row) if not row.errors else ():
        try:
            entries.append(SuppressionInput.model_validate(data))
        except ValidationError as error:
            errors += field_errors(error)
    return entries, tuple(errors)


def _parts(row: ParsedRow) -> Iterator[object]:
    """The data of the row; of a table, one part for each address."""
    data = row.data or {}
    given = [kind for kind in ADDRESS_KINDS if data.get(kind)]
    if not row.is_from_table or len(given) < 2:
        yield row.data
        return
    for kind in given:
        yield {name: value for name, value in data.items() if name == kind or name not in ADDRESS_KINDS}
