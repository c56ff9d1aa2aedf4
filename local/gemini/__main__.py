"""`python -m local.gemini`: run the stand-in for Gemini."""

from __future__ import annotations

import logging
import os

import uvloop
from pydantic import Field

from common.settings import Settings
from local.gemini.behaviour import GeminiControl
from local.gemini.protocol import application
from local.serving import serve


class StandInSettings(Settings):
    """The settings of the stand-in."""

    port: int = Field(alias="PORT")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    uvloop.run(serve(application(GeminiControl()), StandInSettings.read(os.environ).port))
