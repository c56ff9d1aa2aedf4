"""An order of customers, and the places in it: who has no value comes last, and of two alike the lower id first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from common.rules.fields import FIELDS
from common.rules.sql import Condition, filled, value

Key = str | int | datetime | None
"""A customer's value in the ordered field, as `key` selects it."""


@dataclass(frozen=True, slots=True)
class Order:
    field: str  # one of `FIELDS`
    descending: bool = False

    @property
    def key(self) -> str:
        """Texts regardless of case, an empty one is none."""
        return f"lower(nullif({self.field}, ''))" if FIELDS[self.field].kind == "text" else self.field

    @property
    def sql(self) -> str:
        """What follows ORDER BY."""
        return f"{self.key} {'DESC' if self.descending else 'ASC'} NULLS LAST, id"

    def after(self, key: Key, customer_id: str) -> Condition:
        """Those who come after the customer with this id and key."""
        if key is None:
            return Condition(f"({self.key} IS NULL AND id > ?)", (customer_id,))
        beyond = f"{self.key} {'<' if self.descending else '>'} {{key}}"
        return filled(
            f"({beyond} OR {self.key} IS NULL OR {self.key} = {{key}} AND id > {{id}})",
            key=value(key),
            id=value(customer_id),
        )
