"""Looks for secrets and personal data in the logs of a run.

Each value is looked for as it is and as in a URL. Addresses are compared without regard to case, phone numbers by their
digits. A name counts only as whole words, because it may be a part of another word, and each of its words counts by
itself, too. Names and words of less than four letters are left out, and so are ordinary words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

MIN_LETTERS = 4
MIN_SECRET = 8
"""A shorter secret is a placeholder, such as the key of the stand-in for Gemini."""
ORDINARY = frozenset({"test", "customer", "name", "person", "campaign", "error", "none", "null", "true", "false"})
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.])\+?\d{8,15}(?!\w)")
WORD = re.compile(r"[\w\u0300-\u036f\u0900-\u0dff]+")
"""With the marks that belong to letters, which are most vowels of Hindi."""
CREDENTIALS = {
    "an API key": re.compile(r"\bhk_\w{20,}"),
    "a token": re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"),
    "a signing secret": re.compile(r"\bwhsec_[\w+/=]{16,}"),
}
"""What no log may have, whoever it belongs to."""


@dataclass(frozen=True, kw_only=True)
class LogCheck:
    """What is looked for: the values of settings that are secret, by name, and the customers as they are stored."""

    secrets: Mapping[str, str]
    customers: Collection[Mapping[str, Any]]

    @cached_property
    def emails(self) -> frozenset[str]:
        return frozenset(self._values("email", str.lower))

    @cached_property
    def phones(self) -> frozenset[str]:
        return frozenset(self._values("phone", lambda phone: phone.lstrip("+")))

    @cached_property
    def names(self) -> frozenset[str]:
        """Each name, and each of its words, as words with one space between them."""
        words = [WORD.findall(name) for name in self._values("name", str)]
        names = {" ".join(each) for each in words} | {word for each in words for word in each}
        return frozenset(name for name in names if len(name) >= MIN_LETTERS and name.lower() not in ORDINARY)

    def _values(self, field: str, normalize: Any) -> Iterator[str]:
        return (normalize(str(customer[field])) for customer in self.customers if customer.get(field))

    def find(self, logs: Iterable[Path]) -> list[str]:
        """The first leak of each kind in each log: what it is, and the line."""
        return [leak for log in logs for leak in self._find_in(log)]

    def _find_in(self, log: Path) -> list[str]:
        leaks: dict[str, str] = {}
        with log.open(errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                for what in self.leaks(line):
                    leaks.setdefault(what.partition(" ")[0], f"{log.name}:{number}: {what}: {line.strip()[:300]}")
        return list(leaks.values())

    def leaks(self, line: str) -> Iterator[str]:
        """What a line gives away."""
        for text in {line, unquote(line)}:
            yield from (f"secret {name}" for name, value in self.secrets.items() if value in text)
            yield from (f"credential: {what}" for what, pattern in CREDENTIALS.items() if pattern.search(text))
            yield from (f"e-mail {email}" for email in EMAIL.findall(text) if email.lower() in self.emails)
            yield from (f"phone {phone}" for phone in PHONE.findall(text) if phone.lstrip("+") in self.phones)
            yield from (f"name {name}" for name in self._names_in(text))

    def _names_in(self, text: str) -> Iterator[str]:
        words = WORD.findall(text)
        for start in range(len(words)):
            for end in range(start + 1, min(start + self._longest_name, len(words)) + 1):
                if (name := " ".join(words[start:end])) in self.names:
                    yield name

    @cached_property
    def _longest_name(self) -> int:
        """In words."""
        return max((name.count(" ") + 1 for name in self.names), default=0)


def secret_settings(environ: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The values of these settings that are long enough to be secrets, and of signing secrets the key inside."""
    values = {name: environ[name] for name in names if len(environ.get(name, "")) >= MIN_SECRET}
    return values | {f"{name} without its prefix": value.removeprefix("whsec_") for name, value in values.items()}
