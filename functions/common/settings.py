"""Settings: read once from the environment, typed, and loud about what is missing or wrong.

Each function reads the groups it needs (`Cloud`, `Push`, `Gemini`, …), so a function is only given what it uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator

from common.errors import Misconfigured

EMULATORS = ("FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "FIREBASE_AUTH_EMULATOR_HOST")


class Settings(BaseModel):
    """A group of settings. A field's alias is the variable's name."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Raises `Misconfigured`, naming each variable. An empty variable counts as missing."""
        refuse_emulators_in_the_cloud(environ)
        try:
            return cls.model_validate({name: value for name, value in environ.items() if value})
        except ValidationError as error:
            wrong = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())
            raise Misconfigured(f"Set these environment variables right: {wrong}") from error


def refuse_emulators_in_the_cloud(environ: Mapping[str, str]) -> None:
    """With the Auth emulator's variable set, forged tokens are accepted: never run so in the cloud."""
    found = [name for name in EMULATORS if environ.get(name)]
    if found and environ.get("K_SERVICE"):
        raise Misconfigured(f"{', '.join(found)} set in the cloud (K_SERVICE is set too): remove it")


class Cloud(Settings):
    project: str = Field(alias="GOOGLE_CLOUD_PROJECT")


class Site(Settings):
    public_url: str = Field(alias="PUBLIC_URL", description="where the site and /api are, without a slash at the end")


class Access(Settings):
    first_admin: str = Field(alias="FIRST_ADMIN", description="e-mail of the member that is always admin")


class Money(Settings):
    currency: str = Field(alias="CURRENCY", default="INR", pattern=r"^[A-Z]{3}$")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError("there is no such time zone; give it like Asia/Kolkata") from error


class Place(Settings):
    """Where the deployment's clocks are: `today` in a rule is today there."""

    zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(
        alias="TIME_ZONE", default="Asia/Kolkata", validate_default=True
    )


class Push(Settings):
    """Whose tokens a Pub/Sub endpoint accepts."""

    audience: str = Field(alias="PUSH_AUDIENCE", description="the `aud` of the subscription's OIDC token")
    identity: str = Field(alias="PUSH_IDENTITY", description="e-mail of the service account that pushes")
    issuer: str = Field(alias="PUSH_ISSUER", default="https://accounts.google.com")
    certs_url: str = Field(alias="PUSH_CERTS_URL", default="https://www.googleapis.com/oauth2/v1/certs")
    attempts: int | None = Field(
        alias="PUSH_ATTEMPTS", default=None, ge=1, description="of the subscription, before it dead-letters a message"
    )


class Gemini(Settings):
    """Gemini by API key, or on Google Cloud by the function's own identity where there is none."""

    api_key: SecretStr | None = Field(alias="GEMINI_API_KEY", default=None)
    base_url: str | None = Field(
        alias="GEMINI_BASE_URL", default=None, description="a server to use instead of Google's"
    )
    model: str = Field(alias="GEMINI_MODEL", default="gemini-3.5-flash-lite")
    location: str = Field(alias="GEMINI_LOCATION", default="global")
    timeout_seconds: float = Field(alias="GEMINI_TIMEOUT_SECONDS", default=20, gt=0)


class Callbacks(Settings):
    """What signs and verifies vendor callbacks (Standard Webhooks)."""

    secret: SecretStr = Field(alias="CALLBACK_SECRET", description="whsec_…")


class Suppression(Settings):
    """What addresses are hashed with before they are kept for ever."""

    key: SecretStr = Field(alias="SUPPRESSION_KEY", min_length=16)


class Simulator(Settings):
    """The simulated vendor."""

    latency_seconds: float = Field(alias="SIMULATOR_LATENCY_SECONDS", default=0.0, ge=0)
    report_seconds: float = Field(alias="SIMULATOR_REPORT_SECONDS", default=0.05, ge=0)
    failure_share: float = Field(alias="SIMULATOR_FAILURE_SHARE", default=0.1, ge=0, le=1)
    duplicate_share: float = Field(alias="SIMULATOR_DUPLICATE_SHARE", default=0.0, ge=0, le=1)
    book: Path | None = Field(alias="SIMULATOR_BOOK", default=None, description="a file that gets a line for each send")


class Webhook(Settings):
    """A vendor of the deployer's own, reached by signed posts (Standard Webhooks)."""

    url: str = Field(alias="WEBHOOK_URL", pattern=r"^https?://.", description="where messages are posted to")
    secret: SecretStr = Field(
        alias="WEBHOOK_SECRET", description="whsec_…: signs the posts, and the vendor's callbacks"
    )
    timeout_seconds: float = Field(alias="WEBHOOK_TIMEOUT_SECONDS", default=20, gt=0)

    @classmethod
    def where_given(cls, environ: Mapping[str, str]) -> Self | None:
        """None where there is no WEBHOOK_URL: then the vendor is not offered."""
        return cls.read(environ) if environ.get("WEBHOOK_URL") else None


class Delivery(Settings):
    """How long an instance may take to hand one message to a vendor, and its receipt to be recorded, before another
    one tries with the same idempotency key. Where sending failed, the lease ends at once."""

    lease_seconds: float = Field(alias="CLAIM_LEASE_SECONDS", default=300, gt=0)


class Pace(Settings):
    """How often ticks come, and how much vendors take."""

    tick_seconds: float = Field(alias="TICK_SECONDS", default=60, gt=0)
    vendor_rates: dict[str, int] = Field(
        alias="VENDOR_RATES", default={}, description="messages a minute, such as twilio=600,smtp=1000"
    )

    @field_validator("vendor_rates", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        return dict(one.partition("=")[::2] for one in given.split(",") if one.strip())


class Watch(Settings):
    """When a campaign that does not move is looked into."""

    still_seconds: float = Field(alias="WATCHDOG_SECONDS", default=600, gt=0)
