"""Logs in the form that Cloud Logging reads: one JSON object per line.

Each has the severity, the message, the trace and the fields passed as `extra`. The field `event` is a stable snake_case
name for alerts and dashboards; the message may change.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from common.trace import SAMPLING, current_span

STANDARD_ATTRIBUTES = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_ADDRESS = re.compile(r"[^\s@]{0,64}@[^\s@]{0,255}|\+?\d[\d ().-]{5,30}\d")


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, project: str = "") -> None:
        super().__init__()
        self._project = project  # which the traces belong to

    def format(self, record: logging.LogRecord) -> str:
        """The line. Values that JSON does not have are written as text."""
        line: dict[str, Any] = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if span := current_span():
            line |= {"trace": span.trace_id, "span_id": span.span_id}
            line["logging.googleapis.com/trace"] = f"projects/{self._project}/traces/{span.trace_id}"
            line["logging.googleapis.com/spanId"] = span.span_id
            line["logging.googleapis.com/trace_sampled"] = SAMPLING.includes(span.trace_id)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        fields = {name: value for name, value in record.__dict__.items() if name not in STANDARD_ATTRIBUTES}
        return json.dumps(line | fields, default=str, ensure_ascii=False)


def configure(project: str = "") -> None:
    """Logs everything from INFO on to stdout. The framework leaves the root logger at WARNING, without a format."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(project))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("google", "httpx", "httpcore", "urllib3", "google_genai"):
        logging.getLogger(name).setLevel(logging.WARNING)


def without_addresses(text: str) -> str:
    """The text for a log: every e-mail address, phone number and other long number is replaced."""
    return _ADDRESS.sub("…", text)
