"""People who were never active: `inactive for N days` leaves them out, and a rule can be changed to include them."""

from __future__ import annotations

from common.rules.nodes import AllOf, AnyOf, Inactive, IsMissing, Rule

NEVER_ACTIVE = IsMissing(field="last_active_at")


def with_never_active(rule: Rule) -> Rule:
    """The rule with `OR last_active_at is missing` beside each `inactive for N days`; the same rule if there is none.

    What is inside NOT or a saved segment stays as it is.
    """
    match rule:
        case Inactive():
            return AnyOf(of=(rule, NEVER_ACTIVE))
        case AllOf(of=parts):
            return AllOf(of=tuple(with_never_active(part) for part in parts))
        case AnyOf(of=parts):
            changed = tuple(part if isinstance(part, Inactive) else with_never_active(part) for part in parts)
            is_added = NEVER_ACTIVE not in parts and any(isinstance(part, Inactive) for part in parts)
            return AnyOf(of=(*changed, NEVER_ACTIVE) if is_added else changed)
    return rule
