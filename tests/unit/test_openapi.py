from __future__ import annotations

import json
from pathlib import Path

from local.openapi import document

PAGE = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_document_is_that_of_the_code() -> None:
    """Make it anew with `python -m local.openapi > docs/openapi.json`."""
    assert json.loads(PAGE.read_text()) == json.loads(json.dumps(document()))
