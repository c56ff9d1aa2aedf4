"""The records of channels and vendors agree with the code and with the deployment."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest
from pydantic import SecretStr

from common.catalogue.channels import CHANNELS
from common.catalogue.vendor_choice import check_vendor
from common.catalogue.vendors import VENDORS, VendorRecord, configured_vendors
from common.errors import Invalid, Misconfigured
from common.settings import Settings, VendorAvailabilitySettings
from local.topology import ROOT, Topology
from receipts.callbacks import create_parsers, load_parser_factory
from tests.terraform.deployment import read_topology
from vendor.vendors import create_vendors, load_factory

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SIMULATOR = {"PUBLIC_URL": "https://herald.example", "CALLBACK_SECRET": SECRET}
WEBHOOK = {"WEBHOOK_URL": "https://vendor.example", "WEBHOOK_SECRET": SECRET}
TEST_SETTINGS = {"SIMULATOR_BOOK"}
"""Settings that only the tests use: no deployment sets them."""

ALWAYS_AVAILABLE = [name for name, record in VENDORS.items() if not record.required_settings]

every_vendor = pytest.mark.parametrize("record", VENDORS.values(), ids=lambda record: record.name)


@every_vendor
def test_vendor_has_a_folder_with_its_factory(record: VendorRecord) -> None:
    """A vendor is its record and `sender.py` in a folder of the same name, with a `create_vendor(environ)`."""
    assert (ROOT / "functions" / "vendor" / "vendors" / record.name / "sender.py").is_file()
    parameters = inspect.signature(load_factory(record)).parameters
    assert list(parameters) == ["environ"]


def test_every_vendor_folder_has_a_record() -> None:
    """A folder without a record would never be used."""
    folders = {path.parent.name for path in (ROOT / "functions" / "vendor" / "vendors").glob("*/*.py")}
    assert folders == set(VENDORS)


@every_vendor
def test_vendor_settings_are_those_that_its_sender_reads(record: VendorRecord) -> None:
    """The record names each variable of the settings groups in `sender.py`, and in the modules of vendors that it takes
    classes from; and which of them are secret."""
    sender = import_module(load_factory(record).__module__)
    classes = [value for value in vars(sender).values() if isinstance(value, type)]
    modules = {import_module(one.__module__) for one in classes if one.__module__.startswith("vendor.vendors.")}
    known = [value for module in {sender, *modules} for value in vars(module).values() if isinstance(value, type)]
    groups = [group for group in known if issubclass(group, Settings)]
    fields = {str(field.alias): field for group in groups for field in group.model_fields.values()}
    secrets = {name for name, field in fields.items() if field.annotation is SecretStr}
    assert {setting.variable for setting in record.settings} == fields.keys() - TEST_SETTINGS
    assert {setting.variable for setting in record.settings if setting.secret} == secrets


@every_vendor
def test_deployment_gives_functions_the_vendor_settings(record: VendorRecord) -> None:
    """`deliver` gets all settings of the vendor, `receipts` the key of its callbacks, and Terraform knows the required
    ones."""
    topology = read_topology()
    deliver, receipts = topology["functions"]["deliver"], topology["functions"]["receipts"]
    assert {setting.variable for setting in record.settings if not setting.secret} <= set(deliver["settings"])
    assert {setting.variable for setting in record.settings if setting.secret} <= set(deliver["secrets"])
    assert record.callback is None or record.callback.secret in receipts["secrets"]
    assert topology["vendors"][record.name] == list(record.required_settings)


def test_topology_has_no_vendor_without_a_record() -> None:
    """Terraform and the local stack offer the vendors of the catalogue and no others."""
    assert read_topology()["vendors"].keys() == VENDORS.keys()


@every_vendor
def test_vendor_callbacks_and_channels_exist(record: VendorRecord) -> None:
    """The channels have records, and the scheme of the callbacks has a module with a `create_parser(secret, url)`."""
    assert record.channels
    assert set(record.channels) <= set(CHANNELS)
    if record.callback:
        assert list(inspect.signature(load_parser_factory(record.callback)).parameters) == ["secret", "url"]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, []),
        (WEBHOOK, ["webhook"]),
        ({**WEBHOOK, "WEBHOOK_SECRET": ""}, []),
        ({"WEBHOOK_SECRET": SECRET}, []),
    ],
)
async def test_deployment_has_the_vendors_whose_required_settings_are_set(
    environ: dict[str, str], expected: list[str]
) -> None:
    """The functions, the local stack and Terraform agree. An empty setting counts as missing."""
    available = {*ALWAYS_AVAILABLE, *expected}
    assert {record.name for record in configured_vendors(environ)} == available
    assert create_vendors(SIMULATOR | environ).keys() == available
    assert set(Topology.read().available_vendors(environ)) == available


def test_missing_setting_of_every_deployment_is_reported() -> None:
    """The simulator needs settings that every deployment has. Without them, the function does not start."""
    with pytest.raises(Misconfigured, match="CALLBACK_SECRET"):
        create_vendors({"PUBLIC_URL": "https://herald.example"})
    with pytest.raises(Misconfigured, match="CALLBACK_SECRET"):
        create_parsers(WEBHOOK)


def test_invalid_setting_of_a_vendor_is_reported() -> None:
    """The error names the variable."""
    with pytest.raises(Misconfigured, match="WEBHOOK_URL"):
        create_vendors({**SIMULATOR, **WEBHOOK, "WEBHOOK_URL": "vendor.example"})


def test_callbacks_are_accepted_from_vendors_whose_key_is_set() -> None:
    """Only the key matters: the reports of a vendor whose URL was removed are still accepted."""
    assert list(create_parsers(SIMULATOR)) == ["simulator"]
    assert list(create_parsers(SIMULATOR | {"WEBHOOK_SECRET": SECRET})) == ["simulator", "webhook"]


def test_available_vendor_can_be_used_on_its_channels() -> None:
    """A campaign with another vendor or channel is refused: see the tests of the campaigns API."""
    check_vendor("webhook", "sms", {"simulator", "webhook"})
    with pytest.raises(Invalid, match="does not have the settings WEBHOOK_URL and WEBHOOK_SECRET"):
        check_vendor("webhook", "sms", {"simulator"})


def test_setting_of_available_vendors_is_parsed() -> None:
    """Without the setting, the deployment has the vendors without required settings. Unknown names are reported."""
    assert VendorAvailabilitySettings.read({}).names == set(ALWAYS_AVAILABLE)
    assert VendorAvailabilitySettings.read({"VENDORS": "simulator,webhook"}).names == {"simulator", "webhook"}
    with pytest.raises(Misconfigured, match="unknown vendor pigeon"):
        VendorAvailabilitySettings.read({"VENDORS": "simulator,pigeon"})
