"""The addresses and settings of a stack, known before the first service starts, so that services start in parallel."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from local.ports import Ports, free_ports
from local.serving import HOST
from local.topology import TOPOLOGY, Topology

TWILIO_ACCOUNT = f"AC{'0' * 32}"
"""The account of the stand-in."""
ACCESS_DATABASE = "herald-access"
"""The database with members, API keys and the audit log."""


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """The configuration of one local stack."""

    ports: Ports
    folder: Path  # for data and logs
    environ: Mapping[str, str]  # the user's environment; it is passed to the services
    topology_path: Path = TOPOLOGY

    @cached_property
    def topology(self) -> Topology:
        return Topology.read(self.topology_path)

    @property
    def project(self) -> str:
        return self.environ.get("HERALD_PROJECT") or "herald-local"

    @property
    def tick_seconds(self) -> float:
        """The interval of ticks. It is shorter than the minimum of Cloud Scheduler (a minute)."""
        return float(self.environ.get("TICK_SECONDS") or 5)

    @property
    def site(self) -> str:
        return f"http://{HOST}:{self.ports.site}"

    @property
    def auth(self) -> str:
        return f"{HOST}:{self.ports.auth}"

    @property
    def firestore(self) -> str:
        return f"{HOST}:{self.ports.firestore}"

    @property
    def pubsub(self) -> str:
        return f"{HOST}:{self.ports.pubsub}"

    @cached_property
    def _free_ports(self) -> list[int]:
        return free_ports(len(self.topology.functions) + 5)

    @property
    def push(self) -> str:
        return f"http://{HOST}:{self._free_ports[0]}"

    @property
    def push_identity(self) -> str:
        return f"pubsub@{self.project}.iam.gserviceaccount.com"

    @property
    def gemini(self) -> str | None:
        """The URL of the stand-in; None if the user has a key for Gemini."""
        return None if self.environ.get("GEMINI_API_KEY") else f"http://{HOST}:{self._free_ports[1]}"

    @property
    def vendor(self) -> str | None:
        """The URL of the vendor stand-in; None if the user has set a vendor of their own."""
        return None if self.environ.get("WEBHOOK_URL") else f"http://{HOST}:{self._free_ports[2]}"

    @property
    def mailbox(self) -> str | None:
        """The URL of the page with the mails; None if the user has set a mail server of their own."""
        return None if self.environ.get("SMTP_HOST") else f"http://{HOST}:{self._free_ports[3]}"

    @property
    def smtp_port(self) -> int:
        """The port of the mailbox's mail server."""
        return self._free_ports[4]

    @cached_property
    def functions(self) -> dict[str, str]:
        """The URL by function, which is also the audience of its push tokens."""
        ports = self._free_ports[5:]
        return {name: f"http://{HOST}:{port}" for name, port in zip(self.topology.functions, ports, strict=True)}

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @cached_property
    def callback_secret(self) -> str:
        """The secret that the simulated vendor signs with."""
        return self._secret("callback_secret")

    @cached_property
    def webhook_secret(self) -> str:
        """The secret that Herald and the vendor stand-in sign with."""
        return self._secret("webhook_secret")

    @cached_property
    def suppression_key(self) -> str:
        """The key of the hashes of suppressed addresses."""
        return self._secret("suppression_key")

    def _secret(self, name: str) -> str:
        """Return a secret that is stored with the data, so that it survives a restart."""
        file = self.data / name
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}")
        return file.read_text()
