"""The maximum number of outstanding messages of a subscription, and the pause between pulls."""

from __future__ import annotations

from dataclasses import dataclass

MIN_SIZE = 20
MAX_SIZE = 1000
WEIGHT = 0.02  # of the latest response in the running means
MIN_SHARE = 0.99  # minimum share of accepted messages, for the window to grow
MAX_LATENCY_SECONDS = 1.0  # maximum mean latency, for the window to grow
INITIAL_PAUSE = 0.1
MAX_PAUSE = 2.0  # 60 in the cloud


@dataclass
class Window:
    """Starts small, grows by one with each message that is accepted in time, and shrinks with refusals."""

    size: float = MIN_SIZE
    share: float = 1.0  # running mean of accepted messages
    latency: float = 0.0  # running mean, in seconds
    pause: float = 0.0  # seconds before the next pull, while everything is refused

    def record_accepted(self, seconds: float) -> None:
        self.share += WEIGHT * (1 - self.share)
        self.latency += WEIGHT * (seconds - self.latency)
        self.pause = 0.0
        if self.share > MIN_SHARE and self.latency < MAX_LATENCY_SECONDS:
            self.size = min(MAX_SIZE, self.size + 1)

    def record_refused(self) -> None:
        self.share -= WEIGHT * self.share
        if self.share <= MIN_SHARE:
            self.size = max(MIN_SIZE, self.size * (1 - WEIGHT))

    def slow_down(self) -> None:
        """Double the pause, because everything was refused since the last pull."""
        self.pause = min(MAX_PAUSE, 2 * self.pause or INITIAL_PAUSE)
