"""Where the figures come from: `make bench` compares Herald with what hobby projects do."""

import os
import sys
from pathlib import Path

# So that `python -m benchmarks.cost` and its like find the functions' code.
sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))

# gRPC reads these when it is imported. It remarks on every process that is started beside the counting proxy, and its
# handlers for forks, which only get in the way of starting another program, now and then abort that program.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
