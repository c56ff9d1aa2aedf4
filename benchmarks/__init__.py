"""The source of the figures: `make bench` compares Herald with a naive implementation."""

import os
import sys
from pathlib import Path

# `python -m benchmarks.cost` and the other modules import the functions' code.
sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))

# gRPC reads these variables when it is imported. By default it logs a line for every process that is started beside the
# counting proxy, and its fork handlers sometimes abort the program that is started. Herald needs no fork support.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
