"""The variables of Terraform that a deployment sets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import hcl2
from pydantic import BaseModel, ConfigDict

DEFAULT_REGION = "us-central1"
DEFAULT_BUDGET = 50
REQUIRED = {"project": '"your-project"', "first_admin": '"you@example.com"', "currency": '"EUR"'}
PREFIX = "TF_VAR_"
NULLABLE = {"billing_account", "monthly_budget", "oauth_client_id"}


class Variables(BaseModel):
    """The variables that decide what is checked. As in Terraform, a value in the file is used before `TF_VAR_…`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: str = ""
    region: str = DEFAULT_REGION
    first_admin: str = ""
    currency: str = ""
    oauth_client_id: str | None = None
    size: str = "small"
    functions: dict[str, Any] = {}
    monthly_budget: float | None = DEFAULT_BUDGET
    billing_account: str | None = None
    secrets: dict[str, Any] = {}

    @classmethod
    def read(cls, folder: Path, environ: Mapping[str, str]) -> Self:
        """Read `terraform.tfvars` in the folder, then the environment. Raises `ValidationError`."""
        given = {
            name.removeprefix(PREFIX): parse_value(value) for name, value in environ.items() if name.startswith(PREFIX)
        }
        file = folder / "terraform.tfvars"
        written = _simplify(hcl2.loads(file.read_text())) if file.exists() else {}
        values = {name: value for name, value in (given | written).items() if name in cls.model_fields}
        return cls.model_validate({n: value for n, value in values.items() if value is not None or n in NULLABLE})

    def missing(self) -> list[str]:
        """Return the required variables that have no value."""
        return [name for name in REQUIRED if not getattr(self, name)]


def parse_value(text: str) -> Any:
    """Return the value of an environment variable: a text, or an expression such as a map or a number."""
    if text.lstrip()[:1] not in ("{", "[") and text != "null":
        return text
    return _simplify(hcl2.loads(f"value = {text}\n"))["value"]


def _simplify(value: Any) -> Any:
    """Remove the quotes and the additional keys of the parser."""
    if isinstance(value, dict):
        return {_simplify(name): _simplify(item) for name, item in value.items() if not str(name).startswith("__")}
    if isinstance(value, list):
        return [_simplify(item) for item in value]
    if isinstance(value, str):
        return None if value == "null" else value.strip('"')
    return value
