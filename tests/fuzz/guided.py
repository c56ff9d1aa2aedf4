"""`python -m tests.fuzz.guided TARGET -runs=N`: atheris, which looks for bytes that reach new code.

`make fuzz` runs it in an environment of its own, because nothing else needs atheris. It also tries what it has learned:
a changed byte is a changed word (`decoding.py`).
"""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-untyped]  # installed by `make fuzz` only

with atheris.instrument_imports(include=["common", "customers", "campaigns", "receipts"]):
    from tests.fuzz.__main__ import FuzzResult
    from tests.fuzz.targets import TARGETS


def main(name: str, arguments: list[str]) -> None:
    """Run until the number of runs is reached; an exception ends the process with the bytes that led to it."""
    target, result = TARGETS[name], FuzzResult()

    def read(data: bytes) -> None:
        result.read(target, target.decode(data))

    atheris.Setup([sys.argv[0], *arguments], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
