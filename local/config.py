"""Where everything in a stack is: known before the first part starts, so that they can start side by side."""

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


@dataclass(frozen=True, kw_only=True)
class Plan:
    ports: Ports
    folder: Path  # of data and logs
    environ: Mapping[str, str]  # the user's: what is not the stack's own is passed through
    topology_path: Path = TOPOLOGY

    @cached_property
    def topology(self) -> Topology:
        return Topology.read(self.topology_path)

    @property
    def project(self) -> str:
        return self.environ.get("HERALD_PROJECT") or "herald-local"

    @property
    def tick_seconds(self) -> float:
        """Ticks come more often than Cloud Scheduler could send them."""
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
    def _free(self) -> list[int]:
        return free_ports(len(self.topology.functions) + 3)

    @property
    def push(self) -> str:
        return f"http://{HOST}:{self._free[0]}"

    @property
    def push_identity(self) -> str:
        return f"pubsub@{self.project}.iam.gserviceaccount.com"

    @property
    def gemini(self) -> str | None:
        """The stand-in; None where the user has a key for the real one."""
        return None if self.environ.get("GEMINI_API_KEY") else f"http://{HOST}:{self._free[1]}"

    @property
    def vendor(self) -> str | None:
        """The outside vendor; None where the user has one of their own."""
        return None if self.environ.get("WEBHOOK_URL") else f"http://{HOST}:{self._free[2]}"

    @cached_property
    def functions(self) -> dict[str, str]:
        """The URL of each; also the audience of the tokens that are pushed to it."""
        ports = self._free[3:]
        return {name: f"http://{HOST}:{port}" for name, port in zip(self.topology.functions, ports, strict=True)}

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @cached_property
    def callback_secret(self) -> str:
        """What the simulated vendor signs with."""
        return self._secret("callback_secret")

    @cached_property
    def webhook_secret(self) -> str:
        """What Herald and the outside vendor sign with."""
        return self._secret("webhook_secret")

    @cached_property
    def suppression_key(self) -> str:
        """What suppressed addresses are hashed with."""
        return self._secret("suppression_key")

    def _secret(self, name: str) -> str:
        """Kept with the data, as a deployer would keep it."""
        file = self.data / name
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}")
        return file.read_text()
