"""Who asks for a link or an image of a message: a person's program, or a machine that opens whatever comes.

A machine says so by its request: `HEAD`, a prefetch header, no name, or the name of a scanner, a proxy or a library.
Proxies of mail providers load images for everybody, often before anybody reads: what they load says nothing of people.
Sources: Google's and Yahoo's proxies name themselves; Apple's Mail Privacy Protection calls itself `Mozilla/5.0` and
nothing else; Gmail's prefetcher is a browser of 2015.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PREFETCH_HEADERS = ("purpose", "sec-purpose", "x-purpose", "x-moz")
PREFETCH = re.compile(r"prefetch|preview|prerender", re.IGNORECASE)
APPLE_PROXY = "Mozilla/5.0"
MACHINES = re.compile(
    r"GoogleImageProxy|YahooMailProxy|Edge/12\.246 Mozilla/5\.0$"  # proxies of mail providers
    r"|bot\b|bot/|crawl|spider|slurp|scan(ner)?\b|monitor|facebookexternalhit|WhatsApp/|UriPreview|BingPreview"
    r"|Barracuda|Proofpoint|Mimecast|MessageLabs|Symantec|Trend ?Micro|Forcepoint|FireEye|Sophos|Cyren|SafeBrowsing"
    r"|HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium"
    r"|curl/|Wget/|python|aiohttp|httpx|Go-http-client|Java/|okhttp|axios|node-fetch|undici|libwww|HttpClient|Ruby"
    r"|PHP/|Scrapy|PowerShell",
    re.IGNORECASE,
)


def is_machine(headers: Mapping[str, str]) -> bool:
    """Whether the request itself says that no person has made it. The names of headers are in lower case."""
    if any(PREFETCH.search(headers.get(name, "")) for name in PREFETCH_HEADERS):
        return True
    agent = headers.get("user-agent", "").strip()
    return agent in {"", APPLE_PROXY} or MACHINES.search(agent) is not None
