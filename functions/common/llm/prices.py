"""What a language model costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from common.settings import GeminiPriceSettings

MILLION = 1_000_000
USUAL_USD_RATES: Mapping[str, float] = {"USD": 1.0, "INR": 90.0}
"""One US dollar in other currencies, about; `USD_RATE` says it exactly."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenPrices:
    """The prices of a million tokens, in the deployment's currency."""

    input: float
    output: float

    @classmethod
    def in_currency(cls, settings: GeminiPriceSettings, currency: str) -> Self | None:
        """None if nobody knows what a dollar is in the currency."""
        rate = settings.usd_rate or USUAL_USD_RATES.get(currency)
        return cls(input=settings.input_price * rate, output=settings.output_price * rate) if rate else None

    def cost(self, *, input_tokens: int, output_tokens: int) -> float:
        return (self.input * input_tokens + self.output * output_tokens) / MILLION
