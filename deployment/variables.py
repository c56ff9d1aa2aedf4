"""The variables of Terraform that a deployment sets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import hcl2
from lark.exceptions import LarkError
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

DEFAULT_REGION = "us-central1"
DEFAULT_BUDGET = 50
REQUIRED = {"project": '"your-project"', "first_admin": '"you@example.com"', "currency": '"EUR"'}
PREFIX = "TF_VAR_"
NULLABLE = {"billing_account", "monthly_budget", "oauth_client_id"}


class VariablesInvalid(Exception):
    """A variable has a value that cannot be deployed. The message is for the user."""


def _check_memory(value: Any) -> Any:
    if value is not None and not re.fullmatch(r"[1-9]\d*(Mi|Gi)", str(value)):
        raise ValueError("must be an amount such as 512Mi or 2Gi")
    return value


class FunctionSize(BaseModel):
    """Memory and instances of one function, instead of those of the size."""

    memory: Annotated[str | None, BeforeValidator(_check_memory)] = None
    max_instances: int | None = Field(default=None, ge=1)


class Variables(BaseModel):
    """The variables that decide what is checked. As in Terraform, a value in the file is used before `TF_VAR_…`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    project: str = ""
    region: str = DEFAULT_REGION
    first_admin: str = ""
    currency: str = ""
    oauth_client_id: str | None = Field(default=None, min_length=1)
    size: Literal["small", "medium", "large"] = "small"
    functions: dict[str, FunctionSize] = {}
    monthly_budget: float | None = DEFAULT_BUDGET
    billing_account: str | None = None
    secrets: dict[str, Any] = {}

    @classmethod
    def read(cls, folder: Path, environ: Mapping[str, str]) -> Self:
        """Read `terraform.tfvars` in the folder, then the environment. Raises `VariablesInvalid`."""
        given = {name.removeprefix(PREFIX): text for name, text in environ.items() if name.startswith(PREFIX)}
        values = {name: parse_value(name, text) for name, text in given.items() if name in cls.model_fields}
        file = folder / "terraform.tfvars"
        written = _parse(file.name, file.read_text()) if file.exists() else {}
        values |= {name: value for name, value in written.items() if name in cls.model_fields}
        try:
            return cls.model_validate({n: value for n, value in values.items() if value is not None or n in NULLABLE})
        except ValidationError as error:
            raise VariablesInvalid("\n".join(_describe(error))) from error

    def missing(self) -> list[str]:
        """Return the required variables that have no value."""
        return [name for name in REQUIRED if not getattr(self, name)]


def parse_value(name: str, text: str) -> Any:
    """Return the value of an environment variable: a text, or an expression such as a map or a number."""
    if text.lstrip()[:1] not in ("{", "[") and text != "null":
        return text
    return _parse(f"{PREFIX}{name}", f"value = {text}\n")["value"]


def _parse(source: str, text: str) -> dict[str, Any]:
    """Return the values in a text. Its own words are not repeated: they may be secrets."""
    try:
        values: dict[str, Any] = _simplify(hcl2.loads(text))
    except LarkError as error:
        line = getattr(error, "line", None)
        raise VariablesInvalid(f"{source} cannot be read{f': see line {line}' if line else ''}.") from error
    return values


def _describe(error: ValidationError) -> list[str]:
    """Return a sentence for each wrong value, without the value."""
    return [f"The variable {'.'.join(map(str, item['loc']))}: {item['msg']}." for item in error.errors()]


def _simplify(value: Any) -> Any:
    """Remove the quotes and the additional keys of the parser."""
    if isinstance(value, dict):
        return {_simplify(name): _simplify(item) for name, item in value.items() if not str(name).startswith("__")}
    if isinstance(value, list):
        return [_simplify(item) for item in value]
    if isinstance(value, str):
        return None if value == "null" else value.strip('"')
    return value
