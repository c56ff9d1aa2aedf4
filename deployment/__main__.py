"""`python -m deployment deploy|check|destroy [--data] [arguments for terraform plan]`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence

from deployment.deploy import Deployment, DeploymentRefused
from deployment.destroy import Removal
from deployment.tools import ToolFailed, Tools
from deployment.variables import Variables, VariablesInvalid

COMMANDS = ("deploy", "check", "destroy")


def run(
    arguments: Sequence[str],
    *,
    tools: Tools,
    read_answer: Callable[[str], str],
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Run a command, and return the exit status. `read_answer` returns what the user types."""
    if not arguments or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        _run(arguments[0], arguments[1:], tools, read_answer, sleep)
    except (DeploymentRefused, ToolFailed, VariablesInvalid) as error:
        prefix = "This command failed: " if isinstance(error, ToolFailed) else ""
        print(f"{prefix}{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Run the same command again to continue.", file=sys.stderr)
        return 130
    return 0


def _run(
    command: str,
    arguments: Sequence[str],
    tools: Tools,
    read_answer: Callable[[str], str],
    sleep: Callable[[float], None],
) -> None:
    """Read the variables and run one command."""
    variables = Variables.read(tools.terraform_folder, tools.environ)
    deployment = Deployment(tools, variables, confirm=lambda question: read_answer(question) == "yes", sleep=sleep)
    if command == "check":
        deployment.check()
        print("Everything that a deployment needs is there.")
    elif command == "deploy":
        print(f"The site: {deployment.deploy(arguments)}")
    else:
        Removal(deployment, read_answer).destroy(with_data="--data" in arguments)


def ask_user(question: str) -> str:
    """Return what the user types; nothing where nobody can type."""
    try:
        return input(question)
    except EOFError:
        return ""


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], tools=Tools(os.environ), read_answer=ask_user))
