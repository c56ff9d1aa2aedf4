"""How sure the difference between two shares is.

Newcombe's hybrid score interval: R. G. Newcombe, "Interval estimation for the difference between independent
proportions: comparison of eleven methods", Statistics in Medicine 17 (1998) 873-890, method 10. It is made of the two
Wilson intervals, and is right for small groups and for shares near 0, where the usual formula promises too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z = 1.959964
"""Two-sided 95 %: the interval has the true value in it 19 times of 20."""


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `people`, who are at least one."""

    count: int
    people: int

    @property
    def value(self) -> float:
        return self.count / self.people

    @property
    def wilson(self) -> tuple[float, float]:
        """The Wilson interval of the share."""
        centre = self.count + Z * Z / 2
        width = Z * sqrt(Z * Z / 4 + self.count * (self.people - self.count) / self.people)
        return (centre - width) / (self.people + Z * Z), (centre + width) / (self.people + Z * Z)


def difference_interval(one: Share, other: Share) -> tuple[float, float]:
    """The interval of the first share minus the second."""
    difference = one.value - other.value
    (low1, high1), (low2, high2) = one.wilson, other.wilson
    low = difference - sqrt((one.value - low1) ** 2 + (high2 - other.value) ** 2)
    high = difference + sqrt((high1 - one.value) ** 2 + (other.value - low2) ** 2)
    return low, high
