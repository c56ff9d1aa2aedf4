"""Rewrites the links of a message, so that Herald learns who follows them, and adds UTM tags.

Only links to the web are changed. The link to unsubscribe is not in the message itself and stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from common.events import UtmTags
from common.mail.links import LinkedMessage, MessageLinks, link_id

WEB = ("http://", "https://")
MAX_ADDRESS = 1_500
"""A longer address stays as it is: with the signature, some mail programs would cut it off."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tracking:
    """What becomes of the links of one message. Without `message` nobody learns who follows them."""

    links: MessageLinks
    message: LinkedMessage | None
    utm: UtmTags | None = None

    def change_link(self, address: str) -> str:
        """The address that stands in the mail."""
        if not address.startswith(WEB):
            return address
        tagged = with_utm_tags(address, self.utm) if self.utm else address
        if self.message is None or len(tagged) > MAX_ADDRESS:
            return tagged
        return self.links.click_url(self.message, tagged, link=link_id(address))

    @property
    def open_url(self) -> str | None:
        return self.links.open_url(self.message) if self.message else None


def with_utm_tags(address: str, utm: UtmTags) -> str:
    """The address with those of the tags that it does not have already."""
    parts = urlsplit(address)
    present = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    wanted = {"utm_source": utm.source, "utm_medium": utm.medium, "utm_campaign": utm.campaign}
    added = urlencode({name: value for name, value in wanted.items() if value and name not in present}, quote_via=quote)
    query = "&".join(part for part in (parts.query, added) if part)
    return urlunsplit(parts._replace(query=query))
