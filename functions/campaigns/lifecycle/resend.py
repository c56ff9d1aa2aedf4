"""Whom a campaign has reached without being opened: the audience of another campaign with the same message."""

from __future__ import annotations

from common.errors import Refused
from common.messages.ledger import Ledger
from common.rules import Rule, validate
from common.rules.references import resolve_references
from common.storage.documents import Documents, Query, Snapshot, Where


async def build_unopened_rule(documents: Documents, ledger: Ledger, campaign: Snapshot) -> Rule:
    """The rule for those who got the campaign's message and did not open it.

    Rules name campaigns by their names. So it is refused if another campaign has the same one, and people of both would
    be meant. Raises `Refused` also if nobody opened it: without tracking everybody would get it again.
    """
    name = campaign["name"]
    if not campaign.get("launched_at"):
        raise Refused("The campaign was not launched yet; it has reached nobody.")
    if not (await ledger.statistics(campaign.id)).kinds["opened"]:
        raise Refused("Nobody opened the campaign, or this is not tracked: all would get it again. Copy it instead.")
    same = await documents.query(Query(collection="campaigns", where=[Where("name", "==", name)], limit=2, fields=()))
    if len(same) > 1:
        raise Refused("Another campaign has the same name, so a rule cannot say which one is meant.")
    received, opened = ({"op": op, "campaign": name} for op in ("received", "opened"))
    rule = validate({"op": "and", "of": [received, {"op": "not", "of": opened}]})
    return await resolve_references(documents, rule)
