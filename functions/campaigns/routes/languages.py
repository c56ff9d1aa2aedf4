"""The language that a request asks for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from common.rules import Language

DescriptionLanguage = Annotated[Language, Query(description="of the rule's `description`")]
