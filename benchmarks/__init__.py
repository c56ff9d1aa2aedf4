"""Where the figures come from: `make bench` compares Herald with what hobby projects do."""

import os

# gRPC reads these when it is imported. It remarks on every process that is started beside the counting proxy, and its
# handlers for forks, which only get in the way of starting another program, now and then abort that program.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
