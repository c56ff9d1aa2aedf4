"""The Auth emulator's users, kept between runs, so that a browser stays signed in."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp

HEADERS = {"Authorization": "Bearer owner"}


class Accounts:
    def __init__(self, file: Path, project: str) -> None:
        self._file = file
        self._path = f"/identitytoolkit.googleapis.com/v1/projects/{project}/accounts"

    async def save(self, auth: str) -> None:
        url = f"http://{auth}{self._path}:batchGet?maxResults=-1"
        async with aiohttp.ClientSession(headers=HEADERS) as session, session.get(url) as answer:
            answer.raise_for_status()
            users = (await answer.json()).get("users", [])
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(users))
        partial.replace(self._file)

    async def restore(self, auth: str) -> None:
        """Nothing where there is no file, or one that cannot be used."""
        try:
            users = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return
        url = f"http://{auth}{self._path}:batchCreate"
        async with aiohttp.ClientSession(headers=HEADERS) as session, session.post(url, json={"users": users}):
            pass
