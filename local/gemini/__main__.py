"""`python -m local.gemini`"""

from __future__ import annotations

import logging
import os

import uvloop
from pydantic import Field

from common.settings import Settings
from local.gemini.behaviour import Control
from local.gemini.protocol import application
from local.serving import serve


class StandIn(Settings):
    port: int = Field(alias="PORT")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    uvloop.run(serve(application(Control()), StandIn.read(os.environ).port))
