"""The vendors, one folder for each: `create_vendor(environ)` in its `sender.py` returns the `Vendor`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from common.catalogue.vendors import VendorRecord, configured_vendors

from ..vendor import Vendor

VendorFactory = Callable[[Mapping[str, str]], Vendor]
"""Creates a vendor with the settings in `environ`. Raises `Misconfigured`."""


def create_vendors(environ: Mapping[str, str]) -> dict[str, Vendor]:
    """The vendors that this deployment has settings for, by name."""
    return {record.name: load_factory(record)(environ) for record in configured_vendors(environ)}


def load_factory(record: VendorRecord) -> VendorFactory:
    """The `create_vendor` of the vendor's `sender.py`."""
    factory: VendorFactory = import_module(f".{record.name}.sender", __package__).create_vendor
    return factory
