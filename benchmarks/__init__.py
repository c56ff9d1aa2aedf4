"""Where the figures come from: `make bench` compares Herald with what hobby projects do."""

import os

# gRPC reads it when it is imported. Without it, it remarks on every process that is started beside the counting proxy.
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
