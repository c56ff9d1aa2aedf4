"""How often forms can be sent: in the memory of each instance, so that a refused request costs no read and no write."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from common.errors import TooManyRequests
from common.web.rate_limits import TokenBuckets

FORM_PER_SECOND = 5
"""Of one form, by everybody: 150 at once."""
ADDRESS_PER_SECOND = 0.1
"""With one mail address: three at once, and one every ten seconds."""


class FormLimits:
    """The limits of one instance."""

    def __init__(self, *, client_per_second: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """0 means no limit for one client, and for one form."""
        self._clients = TokenBuckets(per_second=client_per_second, monotonic=monotonic)
        self._forms = TokenBuckets(per_second=FORM_PER_SECOND if client_per_second else 0, monotonic=monotonic)
        self._addresses = TokenBuckets(per_second=ADDRESS_PER_SECOND, monotonic=monotonic)

    def check(self, client: str, form_id: str) -> None:
        """Takes a token of the client's address, and one of the form. Raises `TooManyRequests`."""
        seconds = self._clients.take(client, cost=1) or self._forms.take(form_id, cost=1)
        if seconds:
            raise TooManyRequests(retry_after=math.ceil(seconds))

    def is_repeated(self, email: str) -> bool:
        """Whether the address was written into forms too often just now. Its owner is not told: nor is anybody else."""
        return self._addresses.take(email, cost=1) > 0
