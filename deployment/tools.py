"""The command line tools that a deployment uses."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TERRAFORM = ROOT / "terraform"


class ToolFailed(Exception):
    """A command failed. Its own output says why."""


@dataclass(frozen=True)
class Tools:
    """Runs the tools that are on the PATH of `environ`. `root` is the folder of the project."""

    environ: Mapping[str, str] = field(repr=False)  # it may have secrets
    root: Path = ROOT

    @property
    def terraform_folder(self) -> Path:
        return self.root / "terraform"

    def has(self, name: str) -> bool:
        return shutil.which(name, path=self.environ.get("PATH")) is not None

    def ask(self, *command: str) -> str | None:
        """Return the output of a command that changes nothing, or `None` if it fails."""
        completed = self._run(command)
        return completed.stdout.strip() if completed.returncode == 0 else None

    def ask_json(self, *command: str) -> Any:
        """Return the JSON output of a command that changes nothing, or `None` if it fails."""
        output = self.ask(*command)
        try:
            return json.loads(output) if output else None
        except ValueError:
            return None

    def error_of(self, *command: str) -> str:
        """Return the error output of a command, empty if it succeeds."""
        completed = self._run(command)
        return completed.stderr if completed.returncode else ""

    def do(self, *command: str) -> None:
        """Run a command in view of the user. Raises `ToolFailed`."""
        try:
            with subprocess.Popen(command, env=dict(self.environ), cwd=self.root) as process:
                status = _wait_for(process)
        except OSError as error:
            raise ToolFailed(str(error)) from error
        if status:
            raise ToolFailed(" ".join(command[:3]))

    def terraform(self, *arguments: str) -> list[str]:
        """Return a Terraform command in its folder."""
        return ["terraform", f"-chdir={self.terraform_folder}", *arguments]

    def firebase(self, *arguments: str) -> list[str]:
        """Return a command of the Firebase CLI in the locked version."""
        return [str(self.root / "node_modules" / ".bin" / "firebase"), *arguments]

    def _run(self, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        """Run a command without input: gcloud offers to install what is missing otherwise."""
        try:
            return subprocess.run(
                command,
                env=dict(self.environ),
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            return subprocess.CompletedProcess(command, 127, stdout="", stderr=str(error))


def _wait_for(process: subprocess.Popen[bytes]) -> int:
    """Return the exit status. Ctrl-C reaches the process too: Terraform then stops in order and writes its state."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        _wait_for(process)
        raise
