"""Logs as Cloud Logging reads them: one JSON object a line, with its severity and the fields given in `extra`."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        fields = {name: value for name, value in record.__dict__.items() if name not in STANDARD}
        return json.dumps(line | fields, default=str, ensure_ascii=False)


def configure() -> None:
    """The framework leaves the root logger at WARNING, unformatted."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("google", "httpx", "httpcore", "urllib3", "google_genai"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
