"""The Auth emulator's users, saved between runs, so that a browser stays signed in."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp

HEADERS = {"Authorization": "Bearer owner"}


class Accounts:
    """Save and restore the accounts in a JSON file."""

    def __init__(self, file: Path, project: str) -> None:
        self._file = file
        self._path = f"/identitytoolkit.googleapis.com/v1/projects/{project}/accounts"

    async def save(self, auth: str) -> None:
        """Write all accounts of the emulator at `auth` (host:port)."""
        url = f"http://{auth}{self._path}:batchGet?maxResults=-1"
        async with aiohttp.ClientSession(headers=HEADERS) as session, session.get(url) as response:
            response.raise_for_status()
            users = (await response.json()).get("users", [])
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(users))
        partial.replace(self._file)

    async def restore(self, auth: str) -> None:
        """Import the saved accounts. Without a readable file, do nothing."""
        try:
            users = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return
        url = f"http://{auth}{self._path}:batchCreate"
        async with aiohttp.ClientSession(headers=HEADERS) as session, session.post(url, json={"users": users}):
            pass
