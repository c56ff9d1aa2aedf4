"""`python -m local.vendor`: run the vendor stand-in."""

from __future__ import annotations

import logging
import math
import os

import uvloop
from pydantic import Field, SecretStr

from common.settings import Settings
from local.config import TWILIO_ACCOUNT
from local.serving import serve
from local.vendor.reports import ReportSettings
from local.vendor.sendgrid import SendGridServer
from local.vendor.server import VendorServer
from local.vendor.twilio import TwilioServer


class VendorStandInSettings(Settings):
    """The settings of the vendor stand-in."""

    port: int = Field(alias="PORT")
    secret: str = Field(alias="WEBHOOK_SECRET")
    public_url: str = Field(alias="PUBLIC_URL")
    memory_seconds: float = Field(
        alias="VENDOR_MEMORY_SECONDS", default=math.inf, description="how long an idempotency key is remembered"
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    settings = VendorStandInSettings.read(os.environ)
    callbacks = f"{settings.public_url}/api/receipts/webhook"
    server = VendorServer(
        secret=settings.secret,
        callback_url=callbacks,
        settings=ReportSettings.read(os.environ),
        memory_seconds=settings.memory_seconds,
    )
    twilio = TwilioServer(
        account=TWILIO_ACCOUNT,
        token=SecretStr(settings.secret),
        callback_url=f"{settings.public_url}/api/receipts/twilio",
    )
    application = server.application()
    application.add_subapp("/twilio", twilio.application())
    sendgrid = SendGridServer(
        secret=SecretStr(settings.secret), callback_url=f"{settings.public_url}/api/receipts/sendgrid"
    )
    application.add_subapp("/sendgrid", sendgrid.application())
    uvloop.run(serve(application, settings.port))
