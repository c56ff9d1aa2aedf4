"""The OpenAPI document in the repository."""

from __future__ import annotations

import json
import re
from pathlib import Path

from local.openapi import build_document

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_openapi_document_is_up_to_date() -> None:
    """docs/openapi.json equals the generated document: `python -m local.openapi > docs/openapi.json`."""
    assert json.loads(DOCUMENT.read_text()) == json.loads(json.dumps(build_document()))


def test_references_in_the_document_lead_somewhere() -> None:
    """Each `$ref` is a schema of the document, so that other programs can read it."""
    text = DOCUMENT.read_text()
    known = {f"#/components/schemas/{name}" for name in json.loads(text)["components"]["schemas"]}
    assert set(re.findall(r'"\$ref": "([^"]+)"', text)) - known == set()
