"""How many messages of a subscription may be outstanding, and how fast they are pulled."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST = 20
LARGEST = 1000
WEIGHT = 0.02  # of the latest answer in the running means
LEAST_SHARE = 0.99  # of answers that accept, for the window to grow
MOST_SECONDS = 1.0  # mean latency, for the window to grow
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0  # 60 in the cloud, where waiting costs nobody's patience


@dataclass
class Window:
    """Starts small, grows by one with each message accepted in time, and shrinks with refusals."""

    size: float = SMALLEST
    share: float = 1.0  # running mean of what was accepted
    latency: float = 0.0  # running mean, in seconds
    pause: float = 0.0  # seconds to wait before the next pull, while everything is refused

    def accepted(self, seconds: float) -> None:
        self.share += WEIGHT * (1 - self.share)
        self.latency += WEIGHT * (seconds - self.latency)
        self.pause = 0.0
        if self.share > LEAST_SHARE and self.latency < MOST_SECONDS:
            self.size = min(LARGEST, self.size + 1)

    def refused(self) -> None:
        self.share -= WEIGHT * self.share
        if self.share <= LEAST_SHARE:
            self.size = max(SMALLEST, self.size * (1 - WEIGHT))

    def slow_down(self) -> None:
        """Nothing was accepted since the last pull, only refused."""
        self.pause = min(LONGEST_PAUSE, 2 * self.pause or FIRST_PAUSE)
