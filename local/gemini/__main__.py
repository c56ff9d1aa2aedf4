"""`python -m local.gemini`: run the stand-in for Gemini."""

from __future__ import annotations

import logging
import os
from typing import Literal

import uvloop
from pydantic import Field

from common.settings import Settings
from local.gemini.behaviour import GeminiControl
from local.gemini.protocol import application
from local.serving import serve
from local.small_model.model import SmallModel


class StandInSettings(Settings):
    """The settings of the stand-in."""

    port: int = Field(alias="PORT")
    model: Literal["stand-in", "local"] = Field(default="stand-in", alias="MODEL")


async def run(settings: StandInSettings) -> None:
    """Serves the protocol; with `MODEL=local`, the small model writes the texts."""
    model = await SmallModel.start() if settings.model == "local" else None
    try:
        await serve(application(GeminiControl(), model), settings.port)
    finally:
        if model:
            await model.stop()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    uvloop.run(run(StandInSettings.read(os.environ)))
