"""The local stack: all of Herald on one machine, with Google's emulators. `python -m local` starts it."""

import sys
from pathlib import Path

# `python -m local` and `python -m local.client` import `common` from the functions' code.
sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))
