"""Mails that ask people to confirm what was written into a form, and what their addresses say to them.

Such a mail is in no campaign, so nothing about it is counted. But an address that bounces for good, or complains, is
suppressed as if the mail were of a campaign: otherwise anybody could have mails sent there again and again. The id of a
request is the keyed hash of its form and its address. So the report of a vendor shows by itself which address it is
about: one that has this hash. Without an address in it, the mail's claim has it, as long as that is kept.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

from common.addresses.address import AddressHasher, address_on
from common.batching import Batcher
from common.events import OptOut, Receipt
from common.ids import form_of_campaign_id, is_of_form, opt_out_id
from common.storage.documents import DocumentReader, Query, Snapshot, Where

from .address_consequences import has_consequences

log = logging.getLogger(__name__)
CHANNEL = "email"
MAX_IDS_PER_QUERY = 30


class FormMails:
    """Finds out which addresses refuse the mails of forms."""

    def __init__(self, documents: DocumentReader, hasher: AddressHasher) -> None:
        self._documents = documents
        self._hasher = hasher
        self._claims: Batcher[str, Sequence[Snapshot]] = Batcher(self._read_claims, max_items=MAX_IDS_PER_QUERY)

    async def opt_outs(self, receipts: Iterable[Receipt]) -> list[OptOut]:
        """Those of the receipts that say that an address is to get nothing more, with the address."""
        refused = [receipt for receipt in receipts if is_of_form(receipt.campaign_id) and _is_refused(receipt)]
        found = await asyncio.gather(*(self._opt_out(receipt) for receipt in refused))
        return [one for one in found if one]

    async def _opt_out(self, receipt: Receipt) -> OptOut | None:
        """The same report has the same id, also when it comes again after a member has lifted the suppression."""
        claims = await self._claims.submit(receipt.customer_id)
        for value in (*(claim.get("to") for claim in claims), receipt.to):
            if value and self._is_address_of(receipt, value):
                vendors = {str(claim["vendor"]) for claim in claims if claim.get("vendor")}
                return OptOut(
                    channel=CHANNEL,
                    to=value,
                    vendor=", ".join(sorted(vendors))[:50] or "unknown",
                    reason=receipt.kind,
                    id=opt_out_id(receipt.customer_id, f"{receipt.kind} {receipt.at.isoformat()}"),
                )
        log.warning("the address of a form's mail is not known any more", extra={"event": "form_address_unknown"})
        return None

    def _is_address_of(self, receipt: Receipt, value: str) -> bool:
        form = form_of_campaign_id(receipt.campaign_id)
        return self._hasher.form_request_id(form, address_on(CHANNEL, value)) == receipt.customer_id

    async def _read_claims(self, requests: Sequence[str]) -> Sequence[Sequence[Snapshot]]:
        """The claims of the mails of each request."""
        unique = sorted(set(requests))
        stored = await self._documents.query(Query(collection="claims", where=[Where("customer", "in", unique)]))
        return [[claim for claim in stored if claim["customer"] == request] for request in requests]


def _is_refused(receipt: Receipt) -> bool:
    """Temporary bounces do not count: there are few mails to an address, and no later one that could arrive."""
    return has_consequences(receipt) and (receipt.kind != "bounced" or receipt.permanent)
