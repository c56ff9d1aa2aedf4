"""`python -m deployment deploy|check|destroy [--data] [arguments for terraform plan]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from deployment.deploy import Deployment, DeploymentRefused
from deployment.destroy import Removal
from deployment.tools import ToolFailed, Tools
from deployment.variables import Variables

COMMANDS = ("deploy", "check", "destroy")


def _read_answer(question: str) -> str:
    """Return what the user types; nothing where nobody can type."""
    try:
        return input(question)
    except EOFError:
        return ""


def _run(command: str, arguments: Sequence[str]) -> None:
    tools = Tools(os.environ)
    variables = Variables.read(tools.terraform_folder, os.environ)
    deployment = Deployment(tools, variables, confirm=lambda question: _read_answer(question) == "yes")
    if command == "check":
        deployment.check()
        print("Everything that a deployment needs is there.")
    elif command == "deploy":
        print(f"The site: {deployment.deploy(arguments)}")
    else:
        Removal(deployment, _read_answer).destroy(with_data="--data" in arguments)


def main(arguments: Sequence[str]) -> int:
    """Run a command, and return the exit status."""
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        _run(arguments[0], arguments[1:])
    except (DeploymentRefused, ToolFailed, ValidationError) as error:
        prefix = "This command failed: " if isinstance(error, ToolFailed) else ""
        print(f"{prefix}{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
