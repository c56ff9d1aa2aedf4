"""The topics on the page behind the link of a message: what the reader sees, and what becomes of their choice.

A choice is about the address that the message went to, on its channel. It holds for all customers who have the address,
from the same commit on, as every consent does. A box that was ticked before and stays ticked says nothing new: only who
takes a box away says no, and only who had said no, and ticks it again, says yes.

If only the hash of the address is known, the customers who have it by now cannot be found. Then it is stored with the
address alone, and delivery refuses messages about the topic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from common.addresses.address import Address, AddressHasher, address_on
from common.addresses.consent import ConsentStatement, stronger, strongest
from common.addresses.holders import find_holders, with_consents
from common.addresses.state import AddressState, consent_write
from common.addresses.topics import Topic, consent_name, read_topics
from common.audience.customer_writes import customer_writes
from common.audience.merged_customers import read_customer
from common.catalogue.channels import CHANNELS
from common.clock import Clock, utc_now
from common.events import TopicChoice
from common.mail.links import LinkedMessage
from common.messages.claim_fields import claim_path
from common.storage.documents import DocumentReader, Documents, Snapshot, Write
from common.storage.optimistic_commit import commit_with_retry

SOURCE = "preference page"


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedTopic:
    """A topic as the page shows it."""

    topic: Topic
    wanted: bool  # nobody who has the address has left it


async def read_offered_topics(documents: DocumentReader, message: LinkedMessage) -> list[OfferedTopic]:
    """The topics that the reader of the message can choose from. None for a link of older code, without an address."""
    if message.address_hash is None:
        return []
    topics = await read_topics(documents)
    channel = await _channel_of(documents, message.campaign_id) if topics else ""
    stored = await documents.get(f"addresses/{message.address_hash}")
    known = AddressState.from_snapshot(stored).consents
    left = {name for name, statement in known.items() if statement.state == "denied"}
    return [OfferedTopic(topic=topic, wanted=consent_name(channel, topic.name) not in left) for topic in topics]


class TopicChoices:
    """Records what readers chose."""

    def __init__(self, documents: Documents, hasher: AddressHasher, *, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._hasher = hasher
        self._clock = clock

    async def record(self, choice: TopicChoice) -> None:
        """Stores the choice with the address, and with all customers who have it. A choice that comes again, or later
        than a newer one, changes nothing."""

        async def build(_: int) -> tuple[None, Sequence[Write]]:
            return None, await self._writes(choice)

        await commit_with_retry(self._documents, build)

    async def _writes(self, choice: TopicChoice) -> list[Write]:
        """The writes for the address and all who have it; none for a choice that says nothing new."""
        channel = await _channel_of(self._documents, choice.campaign_id)
        address = await self._find_address(choice, channel)
        stored = await self._documents.get(f"addresses/{choice.address_hash}")
        holders = {one.path: one for one in await find_holders(self._documents, [address])} if address.value else {}
        now = self._clock()
        statements = dict(self._new_statements(choice, channel, [stored, *holders.values()]))
        if not statements:
            return []
        after = {path: with_consents(holder.data or {}, statements, now=now) for path, holder in holders.items()}
        of_address = consent_write(stored, address, statements, now, found_holders=bool(address.value))
        return [of_address, *customer_writes(holders, after)]

    async def _find_address(self, choice: TopicChoice, channel: str) -> Address:
        """The address of the hash, if the message's claim or the customer still has it; else one without a value."""
        claim = await self._documents.get(claim_path(choice.message_id, choice.attempt))
        customer = await read_customer(self._documents, choice.customer_id)
        for value in (claim.get("to"), customer.get(CHANNELS[channel].address_kind)):
            if value and self._hasher.hash(address_on(channel, value)) == choice.address_hash:
                return address_on(channel, value)
        return address_on(channel, "")

    def _new_statements(
        self, choice: TopicChoice, channel: str, known_by: Sequence[Snapshot]
    ) -> Iterator[tuple[str, ConsentStatement]]:
        """The names of the consents that change, and what is said about them. `known_by`: the address, customers."""
        for topic, wanted in choice.wanted.items():
            name = consent_name(channel, topic)
            known = _known_statement(name, known_by)
            if wanted == (known is None or known.state != "denied"):
                continue
            said = ConsentStatement(
                state="granted" if wanted else "denied", at=choice.at, source=SOURCE, recorded_at=self._clock()
            )
            if known is None or stronger(known, said) is said:
                yield name, said


def _known_statement(name: str, known_by: Sequence[Snapshot]) -> ConsentStatement | None:
    """The statement that holds, of those that the address and its customers have."""
    stored: list[Mapping[str, object]] = [
        one.get("consents", {})[name] for one in known_by if name in one.get("consents", {})
    ]
    return strongest(map(ConsentStatement.from_document, stored)) if stored else None


async def _channel_of(documents: DocumentReader, campaign_id: str) -> str:
    campaign = await documents.get(f"campaigns/{campaign_id}")
    channel: str = campaign.get("channel", "email")
    return channel
