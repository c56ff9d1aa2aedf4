"""The check that looks for secrets and personal data in logs finds what is planted, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.log_check import LogCheck, secret_settings

SECRETS = secret_settings(
    {"CALLBACK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "GEMINI_API_KEY": "local"},
    ("CALLBACK_SECRET", "GEMINI_API_KEY", "WEBHOOK_SECRET"),
)
CHECK = LogCheck(
    secrets=SECRETS,
    customers=[
        {"name": "Asha Rao", "email": "asha.1@example.com", "phone": "+919876500001"},
        {"name": "Li", "email": None},
        {"name": "Test customer", "email": "test@example.com"},
        {"name": "आशा राव"},
        {},
    ],
)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "secret CALLBACK_SECRET"),
        ("key=MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "secret CALLBACK_SECRET without its prefix"),
        ("GET /api/customers?search=asha.1%40example.com HTTP/1.1", "e-mail asha.1@example.com"),
        ('{"to": "Asha.1@Example.com"}', "e-mail Asha.1@Example.com"),
        ("to:+919876500001,", "phone +919876500001"),
        ("to=919876500001", "phone 919876500001"),
        ('"name": "Asha Rao"', "name Asha Rao"),
        ("Dear Asha, welcome", "name Asha"),
        ("प्रिय आशा राव", "name आशा राव"),
        ("Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", "credential: a token"),
        ("key hk_0123456789abcdef0123456789", "credential: an API key"),
    ],
)
def test_planted_leak_is_found(line: str, what: str, tmp_path: Path) -> None:
    """In the middle of other lines, with its place."""
    log = tmp_path / "deliver.log"
    log.write_text(f'{{"event": "span"}}\n{line}\n')
    assert what in set(CHECK.leaks(line))
    found = CHECK.find([log])
    assert found
    assert all(leak.startswith("deliver.log:2: ") for leak in found)


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "span", "trace": "919876500001aaaaaaaaaaaaaaaaaaaa", "seconds": 0.919876500001}',
        "Li wrote a test for a customer",
        "Ashatree asha rao9 xAsha_",
        "other.asha.1@example.com asha.1@example.org",
        "the key is local",
        "919876500001x 1919876500001",
    ],
)
def test_other_text_is_no_leak(line: str) -> None:
    """Ids, parts of words, short names and ordinary words are not personal data."""
    assert list(CHECK.leaks(line)) == []


def test_what_is_looked_for_can_be_counted() -> None:
    """So that a check of nobody cannot pass."""
    assert (len(CHECK.emails), len(CHECK.phones), len(CHECK.secrets)) == (2, 1, 2)
    assert CHECK.names == {"Asha Rao", "Asha", "Test customer", "आशा राव"}
