"""`python -m local.vendor`"""

from __future__ import annotations

import logging
import os

import uvloop
from pydantic import Field

from common.settings import Settings
from local.serving import serve
from local.vendor.reports import Habits
from local.vendor.server import Server


class OutsideVendor(Settings):
    port: int = Field(alias="PORT")
    secret: str = Field(alias="WEBHOOK_SECRET")
    public_url: str = Field(alias="PUBLIC_URL")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    given = OutsideVendor.read(os.environ)
    callbacks = f"{given.public_url}/api/receipts/webhook"
    server = Server(secret=given.secret, callback_url=callbacks, habits=Habits.read(os.environ))
    uvloop.run(serve(server.application(), given.port))
