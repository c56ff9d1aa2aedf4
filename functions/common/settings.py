"""Settings: read once from the environment, typed. An error names each variable that is missing or wrong.

Each function reads only the groups that it needs (`CloudSettings`, `PushSettings`, `GeminiSettings`, …), so a
deployment gives each function only the variables that it uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

from common.catalogue.channels import CHANNELS
from common.catalogue.days import DateOrder, usual_date_order
from common.catalogue.vendors import VENDORS, configured_vendors
from common.errors import Misconfigured
from common.frequency_cap import FrequencyCap
from common.quiet_hours import QuietHours

EMULATOR_VARIABLES = ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST")


class Settings(BaseModel):
    """A group of settings. The alias of a field is the name of its environment variable."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Raises `Misconfigured`, naming each variable. An empty variable counts as missing.

        It asks `environ` only for the group's own variables, so that a test can record what a function reads.
        """
        reject_emulators_in_cloud(environ)
        variables = [str(field.alias) for field in cls.model_fields.values()]
        try:
            return cls.model_validate({name: value for name in variables if (value := environ.get(name))})
        except ValidationError as error:
            problems = "; ".join(": ".join([*map(str, e["loc"][:1]), e["msg"]]) for e in error.errors())
            raise Misconfigured(f"Environment variables are missing or wrong: {problems}") from error


@dataclass(frozen=True)
class FunctionSettings:
    """Base class: the settings of one function, with one property for each group.

    A group is read when it is first used. A function has several entry points, and a deployment gives each of them only
    the variables that it uses.
    """

    environ: Mapping[str, str] = field(repr=False)  # it has secrets

    @cached_property
    def rate_limits(self) -> RateLimitSettings:
        """Of the HTTP entry points."""
        return RateLimitSettings.read(self.environ)


def reject_emulators_in_cloud(environ: Mapping[str, str]) -> None:
    """Raises `Misconfigured` when an emulator is configured in the cloud: the Auth emulator accepts forged tokens."""
    present = [name for name in EMULATOR_VARIABLES if environ.get(name)]
    if present and environ.get("K_SERVICE"):
        raise Misconfigured(f"Remove {', '.join(present)}: emulators are not allowed in the cloud (K_SERVICE is set)")


class TraceSettings(Settings):
    """How many messages have their whole way logged."""

    trace_one_in: int = Field(
        alias="TRACE_ONE_IN", default=1_000, ge=0, description="one message in this many is traced; 1: all, 0: none"
    )


class CloudSettings(TraceSettings):
    """The Google Cloud project."""

    project: str = Field(alias="GOOGLE_CLOUD_PROJECT")


class AccessDatabaseSettings(Settings):
    """The second database: who may sign in, API keys, and the audit log. Only the function `members` may write it."""

    name: str = Field(
        alias="ACCESS_DATABASE",
        pattern=r"^[a-z][a-z0-9-]{2,61}[a-z0-9]$",
        description="id of the Firestore database with members, API keys and the audit log",
    )


class PublicUrlSettings(Settings):
    """The address of the site and the API."""

    public_url: str = Field(alias="PUBLIC_URL", description="URL of the site and /api, without a slash at the end")


class WebhookAddressSettings(Settings):
    """Where webhooks may lead."""

    allows_private: bool = Field(
        alias="EVENTS_ALLOW_PRIVATE",
        default=False,
        description="webhooks may lead into a private network, and by http",
    )


class AccessSettings(Settings):
    """Who is admin before there are members."""

    first_admin: str = Field(alias="FIRST_ADMIN", description="e-mail of the member who is always admin")


class ApprovalSettings(Settings):
    """Which campaigns a second person has to approve."""

    above: int | None = Field(
        alias="APPROVAL_ABOVE",
        default=None,
        ge=0,
        description="campaigns to more people than this, and transactional ones; by default none",
    )


class ViewerSettings(Settings):
    """What members with the role viewer see."""

    see_addresses: bool = Field(
        alias="VIEWERS_SEE_ADDRESSES", default=False, description="by default e-mails and phone numbers are masked"
    )


class MoneySettings(Settings):
    """The currency of all amounts."""

    currency: str = Field(alias="CURRENCY", default="INR", pattern=r"^[A-Z]{3}$")


def _parse_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError("unknown time zone; write it like Asia/Kolkata") from error


class TimeZoneSettings(Settings):
    """The deployment's time zone. `today` in a rule is the current day in it."""

    time_zone: Annotated[ZoneInfo, BeforeValidator(_parse_zone)] = Field(
        alias="TIME_ZONE", default="Asia/Kolkata", validate_default=True
    )


def _known_region(code: str) -> str:
    from common.phones import is_region  # few functions read phone numbers

    if not is_region(code):
        raise ValueError("unknown country; write its code like IN or DE")
    return code


class RegionSettings(Settings):
    """The deployment's country. A phone number without a country code is a number of this country, and 03/04/2026 is
    the day that people there mean."""

    default_region: Annotated[str, AfterValidator(_known_region)] = Field(alias="DEFAULT_REGION", default="IN")
    given_date_order: DateOrder | None = Field(alias="DATE_ORDER", default=None)

    @property
    def date_order(self) -> DateOrder:
        """The order of day, month and year; that of the country if none is set."""
        return self.given_date_order or usual_date_order(self.default_region)


class PushSettings(Settings):
    """Which push tokens a Pub/Sub endpoint accepts, and when it gives a message up."""

    audience: str = Field(alias="PUSH_AUDIENCE", description="`aud` of the subscription's OIDC token")
    identity: str = Field(alias="PUSH_IDENTITY", description="e-mail of the service account that pushes")
    issuer: str = Field(alias="PUSH_ISSUER", default="https://accounts.google.com")
    certs_url: str = Field(alias="PUSH_CERTS_URL", default="https://www.googleapis.com/oauth2/v1/certs")
    max_attempts: int | None = Field(
        alias="PUSH_ATTEMPTS",
        default=None,
        ge=1,
        description="deliveries of the subscription before it dead-letters a message",
    )


class GeminiSettings(Settings):
    """How Gemini is called: with the API key, or without one on Google Cloud as the function's service account."""

    api_key: SecretStr | None = Field(alias="GEMINI_API_KEY", default=None)
    base_url: str | None = Field(
        alias="GEMINI_BASE_URL", default=None, description="another server instead of Google's"
    )
    model: str = Field(alias="GEMINI_MODEL", default="gemini-3.5-flash-lite")
    location: str = Field(alias="GEMINI_LOCATION", default="global")
    timeout_seconds: float = Field(alias="GEMINI_TIMEOUT_SECONDS", default=20, gt=0)
    service_tier: Literal["standard", "flex"] = Field(
        alias="GEMINI_SERVICE_TIER",
        default="standard",
        description="flex: cheaper, for campaigns that may take an hour",
    )

    @property
    def deadline_seconds(self) -> float:
        """For one prompt with its retry: two of them fit into the time limit of the function that personalizes."""
        return 2 * self.timeout_seconds + 5


class GeminiPriceSettings(Settings):
    """What Gemini costs, for estimates: the list prices of `GEMINI_MODEL`, by default those of its default."""

    input_price: float = Field(alias="GEMINI_INPUT_PRICE", default=0.30, ge=0, description="US $ a million tokens")
    output_price: float = Field(alias="GEMINI_OUTPUT_PRICE", default=2.50, ge=0, description="US $ a million tokens")
    usd_rate: float | None = Field(
        alias="USD_RATE",
        default=None,
        gt=0,
        description="one US $ in the deployment's currency; without it, rupees and dollars have a usual rate",
    )


class GeminiBudgetSettings(Settings):
    """How often Gemini may be asked before a launch."""

    preview_calls: int = Field(
        alias="GEMINI_PREVIEW_CALLS", default=500, ge=0, description="calls a day for previews and test messages"
    )


class GeminiCapSettings(Settings):
    """How often Gemini may be asked for the messages of all campaigns."""

    calls_per_day: int | None = Field(
        alias="GEMINI_CALLS_PER_DAY", default=None, ge=0, description="in UTC days; by default there is no cap"
    )


class HouseRuleSettings(Settings):
    """What holds for the texts of all campaigns."""

    rules: str = Field(alias="HOUSE_RULES", default="", max_length=2_000, description="told to Gemini in every prompt")
    forbidden_words: tuple[str, ...] = Field(
        alias="FORBIDDEN_WORDS", default=(), description="words and phrases with commas that no message may have"
    )

    @field_validator("forbidden_words", mode="before")
    @classmethod
    def _parse_words(cls, value: Any) -> Any:
        return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value


class SummarySettings(Settings):
    """The budget of summaries, which are paid calls that every member may ask for."""

    per_day: int = Field(
        alias="SUMMARIES_PER_DAY",
        default=200,
        ge=0,
        description="how many Gemini may write; above it, a fixed sentence is shown",
    )


class CallbackSettings(Settings):
    """The key that signs and verifies vendor callbacks (Standard Webhooks)."""

    secret: SecretStr = Field(alias="CALLBACK_SECRET", description="whsec_…")


class SuppressionSettings(Settings):
    """The key for hashing suppressed addresses. The hashes are kept for ever."""

    key: SecretStr = Field(alias="SUPPRESSION_KEY", min_length=16)


class ConsentSettings(Settings):
    """The channels on which people may be written to although nobody knows whether they agreed."""

    unknown_allowed: frozenset[str] = Field(
        alias="UNKNOWN_CONSENT",
        default=frozenset({"email"}),
        description="channels with commas, or none; what the law asks for is in docs/deploy.md",
    )

    @field_validator("unknown_allowed", mode="before")
    @classmethod
    def _parse_channels(cls, value: Any) -> Any:
        names = frozenset(value.split(",")) - {"none"} if isinstance(value, str) else value
        if unknown := sorted(names - CHANNELS.keys()):
            raise ValueError(f"unknown channel {', '.join(unknown)}; the channels are {', '.join(CHANNELS)}, or none")
        return names


class VendorAvailabilitySettings(Settings):
    """The vendors that this deployment has.

    The function `deliver` has the settings of the vendors. Other functions must not have their secrets, so Terraform
    and the local stack compute this list for them: a vendor is in it if all its required settings have a value
    (`vendors` in terraform/topology.json).
    """

    names: frozenset[str] = Field(
        alias="VENDORS",
        default=frozenset(record.name for record in configured_vendors({})),
        description="names with commas; by default the vendors without required settings",
    )

    @field_validator("names", mode="before")
    @classmethod
    def _parse_names(cls, value: Any) -> Any:
        names = frozenset(value.split(",")) if isinstance(value, str) else value
        if unknown := sorted(names - VENDORS.keys()):
            raise ValueError(f"unknown vendor {', '.join(unknown)}; the vendors are {', '.join(VENDORS)}")
        return names


class DeliverySettings(Settings):
    """The lease on a message: the time to send it to the vendor and to record its receipt.

    After it, another instance sends the message again with the same idempotency key. If sending fails, the lease ends
    at once."""

    lease_seconds: float = Field(alias="CLAIM_LEASE_SECONDS", default=300, gt=0)


def _parse_quiet_hours(value: Any) -> Any:
    return QuietHours.parse(value) if isinstance(value, str) else value


class QuietHoursSettings(TimeZoneSettings):
    """When nobody is written to."""

    hours: Annotated[QuietHours | None, BeforeValidator(_parse_quiet_hours)] = Field(
        alias="QUIET_HOURS",
        default=None,
        description="such as 21:00-09:00, by the clock of each person, or of the deployment if theirs is not known; "
        "by default there are none",
    )


class TrackingSettings(Settings):
    """Whether Herald learns who opens mails and follows their links."""

    is_on: bool = Field(
        alias="TRACKING", default=False, description="on or off: for campaigns that do not say; by default off"
    )


def _parse_cap(value: Any) -> Any:
    return FrequencyCap.parse(value) if isinstance(value, str) else value


class FrequencySettings(Settings):
    """How often people may be written to."""

    cap: Annotated[FrequencyCap | None, BeforeValidator(_parse_cap)] = Field(
        alias="FREQUENCY_CAP",
        default=None,
        description="such as 3/7: at most 3 messages in 7 days for each person and channel; by default there is no cap",
    )


class ResultSettings(Settings):
    """What counts as a result of a message."""

    conversion_days: int = Field(
        alias="CONVERSION_DAYS", default=7, ge=1, le=30, description="for which an order counts after a message"
    )


class VendorRateSettings(Settings):
    """The rate limits of the vendors."""

    vendor_rates: dict[str, Annotated[int, Field(ge=1)]] = Field(
        alias="VENDOR_RATES", default={}, description="messages per minute, for example twilio=600,smtp=1000"
    )

    @field_validator("vendor_rates", mode="before")
    @classmethod
    def _parse_rates(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return dict(item.partition("=")[::2] for item in value.split(",") if item.strip())


class PacingSettings(VendorRateSettings):
    """The interval of the scheduler, and the rate limits of the vendors."""

    tick_seconds: float = Field(alias="TICK_SECONDS", default=60, gt=0)


DEFAULT_RATE_LIMITS: Mapping[str, float] = {"person": 20, "key": 100, "anonymous": 5}


class RateLimitSettings(Settings):
    """How much one caller may ask of one instance."""

    per_second: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        alias="RATE_LIMITS",
        default={},
        validate_default=True,
        description="tokens per second and caller, for example person=20,key=100,anonymous=5; 0: no limit",
    )

    @field_validator("per_second", mode="before")
    @classmethod
    def _parse_limits(cls, value: Any) -> Any:
        given = dict(item.partition("=")[::2] for item in value.split(",")) if isinstance(value, str) else value
        if unknown := sorted(given.keys() - DEFAULT_RATE_LIMITS.keys()):
            raise ValueError(f"unknown caller {', '.join(unknown)}; there are {', '.join(DEFAULT_RATE_LIMITS)}")
        return {**DEFAULT_RATE_LIMITS, **given}


class RetentionSettings(Settings):
    """How long the receipts of a finished campaign are kept."""

    days: int | None = Field(
        alias="RETENTION_DAYS", default=None, ge=30, description="by default they are kept for ever; at least 30"
    )


class AuditRetentionSettings(Settings):
    """How long the entries of the audit log are kept."""

    days: int | None = Field(
        alias="AUDIT_RETENTION_DAYS", default=None, ge=30, description="by default it is kept for ever; at least 30"
    )


class WatchdogSettings(Settings):
    """After how long without progress the watchdog checks a campaign."""

    stall_seconds: float = Field(alias="WATCHDOG_SECONDS", default=600, gt=0)
