"""The vendors: one record for each. The code of a vendor is `functions/vendor/vendors/NAME/sender.py`.

To add a vendor, write its `sender.py` and its record, and add its settings to `terraform/topology.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class VendorSetting:
    """An environment variable that the vendor's `sender.py` reads."""

    variable: str
    required: bool = False  # the deployment has the vendor only if it is set; the others have a value in any case
    secret: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CallbackSpec:
    """How the vendor reports the outcomes of messages to `/api/receipts/NAME`."""

    scheme: str  # the module in `functions/receipts/callbacks/` that verifies and parses the callbacks
    secret: str  # the variable with the key that the callbacks are signed with


@dataclass(frozen=True, kw_only=True, slots=True)
class VendorRecord:
    """A service that delivers messages."""

    name: str  # in the API, in the database, and the folder in `functions/vendor/vendors/`
    label: str
    hint: str  # one or two sentences for the manager who chooses the vendor
    channels: tuple[str, ...]  # names in `CHANNELS`
    sends_real_messages: bool  # False if no person ever gets a message
    idempotency_window: timedelta | None
    """How long the vendor recognizes an idempotency key. None: not at all, so that no message is sent again once
    `send` was entered."""
    settings: tuple[VendorSetting, ...] = ()
    callback: CallbackSpec | None = None  # None if the vendor reports no outcomes later

    @property
    def required_settings(self) -> tuple[str, ...]:
        """The variables without which a deployment does not have the vendor."""
        return tuple(setting.variable for setting in self.settings if setting.required)

    def is_configured(self, environ: Mapping[str, str]) -> bool:
        """Whether the deployment with these settings has the vendor. An empty variable counts as missing."""
        return all(environ.get(variable) for variable in self.required_settings)


MAIL_SETTINGS = (
    VendorSetting("MAIL_FROM", required=True),
    VendorSetting("SUPPRESSION_KEY", secret=True),
    VendorSetting("PUBLIC_URL"),
    VendorSetting("MAIL_REPLY_TO"),
    VendorSetting("MAIL_SHOP_NAME"),
    VendorSetting("MAIL_POSTAL_ADDRESS"),
    VendorSetting("MAIL_LOGO_URL"),
    VendorSetting("MAIL_COLOR"),
    VendorSetting("TRACKING"),
)
"""Of every vendor whose mails Herald composes."""
PROXY_SETTINGS = (VendorSetting("HTTPS_PROXY"), VendorSetting("NO_PROXY"))
"""Of every vendor that is reached by https."""

VENDORS: Mapping[str, VendorRecord] = {
    record.name: record
    for record in (
        VendorRecord(
            name="simulator",
            label="Simulator",
            hint="Sends nothing. Reports nine of ten messages as sent and the others as failed.",
            channels=("email", "sms"),
            sends_real_messages=False,
            idempotency_window=timedelta(days=1),
            settings=(
                VendorSetting("PUBLIC_URL"),
                VendorSetting("CALLBACK_SECRET", secret=True),
                VendorSetting("SIMULATOR_LATENCY_SECONDS"),
                VendorSetting("SIMULATOR_REPORT_SECONDS"),
                VendorSetting("SIMULATOR_FAILURE_SHARE"),
                VendorSetting("SIMULATOR_DUPLICATE_SHARE"),
            ),
            callback=CallbackSpec(scheme="standard_webhooks", secret="CALLBACK_SECRET"),
        ),
        VendorRecord(
            name="smtp",
            label="E-mail (SMTP)",
            hint="Sends real e-mail through the mail server in the settings of this Herald.",
            channels=("email",),
            sends_real_messages=True,
            idempotency_window=None,
            settings=(
                VendorSetting("SMTP_HOST", required=True),
                VendorSetting("SMTP_PORT"),
                VendorSetting("SMTP_SECURITY"),
                VendorSetting("SMTP_USER"),
                VendorSetting("SMTP_PASSWORD", secret=True),
                VendorSetting("SMTP_TIMEOUT_SECONDS"),
                VendorSetting("SMTP_CONNECTIONS"),
                *MAIL_SETTINGS,
            ),
        ),
        VendorRecord(
            name="sendgrid",
            label="SendGrid",
            hint="Sends real e-mail through the account in the settings of this Herald.",
            channels=("email",),
            sends_real_messages=True,
            idempotency_window=None,
            settings=(
                VendorSetting("SENDGRID_API_KEY", required=True, secret=True),
                VendorSetting("SENDGRID_EVENT_KEY", required=True, secret=True),
                VendorSetting("SENDGRID_TIMEOUT_SECONDS"),
                VendorSetting("SENDGRID_API_URL"),
                *PROXY_SETTINGS,
                *MAIL_SETTINGS,
            ),
            callback=CallbackSpec(scheme="sendgrid", secret="SENDGRID_EVENT_KEY"),
        ),
        VendorRecord(
            name="twilio",
            label="Twilio",
            hint="Sends real SMS and WhatsApp messages through the account in the settings of this Herald.",
            channels=("sms", "whatsapp"),
            sends_real_messages=True,
            idempotency_window=None,
            settings=(
                VendorSetting("TWILIO_ACCOUNT_SID", required=True),
                VendorSetting("TWILIO_AUTH_TOKEN", required=True, secret=True),
                VendorSetting("TWILIO_SENDER", required=True),
                VendorSetting("PUBLIC_URL"),
                VendorSetting("TWILIO_WHATSAPP_SENDER"),
                VendorSetting("TWILIO_TIMEOUT_SECONDS"),
                VendorSetting("TWILIO_API_URL"),
                *PROXY_SETTINGS,
            ),
            callback=CallbackSpec(scheme="twilio", secret="TWILIO_AUTH_TOKEN"),
        ),
        VendorRecord(
            name="webhook",
            label="Webhook",
            hint="Posts each message to the address in the settings of this Herald.",
            channels=("email", "sms"),
            sends_real_messages=True,
            idempotency_window=timedelta(days=1),
            settings=(
                VendorSetting("WEBHOOK_URL", required=True),
                VendorSetting("WEBHOOK_SECRET", required=True, secret=True),
                VendorSetting("WEBHOOK_TIMEOUT_SECONDS"),
                VendorSetting("WEBHOOK_ALLOW_PRIVATE"),
                *PROXY_SETTINGS,
            ),
            callback=CallbackSpec(scheme="standard_webhooks", secret="WEBHOOK_SECRET"),
        ),
    )
}


def configured_vendors(environ: Mapping[str, str]) -> list[VendorRecord]:
    """The vendors that the deployment with these settings has."""
    return [record for record in VENDORS.values() if record.is_configured(environ)]
