"""Sort orders of customers, and positions in them. Missing values come last; equal values are sorted by id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from common.catalogue.fields import FIELDS
from common.rules.sql import Condition, compose, parameter

SortKey = str | int | datetime | None
"""A customer's value in the sort field, as the SQL expression `SortOrder.key` gives it."""


@dataclass(frozen=True, slots=True)
class SortOrder:
    """A field and a direction."""

    field: str  # a sortable field
    descending: bool = False

    @property
    def key(self) -> str:
        """The SQL expression to sort by. Text ignores case, and an empty text is NULL."""
        return f"lower(nullif({self.field}, ''))" if FIELDS[self.field].kind == "text" else self.field

    @property
    def sql(self) -> str:
        """The SQL after ORDER BY."""
        return f"{self.key} {'DESC' if self.descending else 'ASC'} NULLS LAST, id"

    def after(self, key: SortKey, customer_id: str) -> Condition:
        """Selects the customers that come after the customer with this key and id."""
        if key is None:
            return Condition(f"({self.key} IS NULL AND id > ?)", (customer_id,))
        beyond = f"{self.key} {'<' if self.descending else '>'} {{key}}"
        return compose(
            f"({beyond} OR {self.key} IS NULL OR {self.key} = {{key}} AND id > {{id}})",
            key=parameter(key),
            id=parameter(customer_id),
        )
