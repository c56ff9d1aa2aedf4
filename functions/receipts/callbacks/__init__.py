"""The schemes of callbacks, one module for each: its `create_parser(secret, url)` verifies and parses callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from pydantic import SecretStr

from common.catalogue.vendors import VENDORS, CallbackSpec, VendorRecord
from common.errors import Misconfigured
from common.settings import PublicUrlSettings

from ..app import CallbackParser

ParserFactory = Callable[[SecretStr, str], CallbackParser]
"""Takes the key, and the URL that the vendor calls."""


def create_parsers(environ: Mapping[str, str]) -> dict[str, CallbackParser]:
    """The parser for each vendor that calls back and whose key this deployment has, by the vendor's name.

    Raises `Misconfigured` if a key is missing that every deployment has.
    """
    parsers = {
        record.name: _create_parser(record, record.callback, environ) for record in VENDORS.values() if record.callback
    }
    return {name: parser for name, parser in parsers.items() if parser}


def _create_parser(record: VendorRecord, callback: CallbackSpec, environ: Mapping[str, str]) -> CallbackParser | None:
    """None if the vendor is optional and the deployment does not have its key."""
    if secret := environ.get(callback.secret):
        url = f"{PublicUrlSettings.read(environ).public_url}/api/receipts/{record.name}"
        return load_parser_factory(callback)(SecretStr(secret), url)
    if callback.secret in record.required_settings:
        return None
    raise Misconfigured(f"Environment variables are missing or wrong: {callback.secret}: Field required")


def load_parser_factory(callback: CallbackSpec) -> ParserFactory:
    """The `create_parser` of the scheme's module."""
    factory: ParserFactory = import_module(f".{callback.scheme}", __package__).create_parser
    return factory
