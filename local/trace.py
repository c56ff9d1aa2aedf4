"""`make trace MESSAGE=…`: one message's whole way through the functions, from the spans in their logs.

The id of a message is on the campaign's page (a person's message) and in `GET /api/campaigns/{id}/messages`. Without
files, the logs of the local stack are read. A file may also be what `gcloud logging read … --format json` prints; `-`
is the standard input. `--otlp` prints the spans as OTLP in JSON, which a collector of OpenTelemetry or Jaeger takes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from local.topology import ROOT

COLUMNS = ("start", "step", "attempt", "waited", "took", "outcome")
SERVER, CONSUMER = 2, 5
"""The kinds of spans in OTLP: of a request, and of a message that was taken from a topic."""
OK, ERROR = 1, 2


class LoggedSpan(BaseModel):
    """One span of a trace, as `common/trace.py` logs it. Times are in seconds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    trace: str
    span_id: str
    parent_id: str | None = None
    step: str
    started_at: datetime
    seconds: float
    outcome: str | None = None
    attempt: int | None = None  # of the delivery by Pub/Sub
    status: int | None = None  # that the delivery was answered with
    waited: float | None = None  # in the topic
    linked_trace: str | None = None  # the trace that the span has been begun for

    @property
    def is_refused(self) -> bool:
        """Whether Pub/Sub had to deliver the message again."""
        return self.status is not None and self.status >= 500


def read_spans(texts: Iterable[str], trace_id: str) -> list[LoggedSpan]:
    """The spans of a trace in the texts of several logs, each once, by their start."""
    entries = (entry for text in texts for entry in _entries(text, trace_id))
    spans = {
        (span.span_id, span.parent_id): span
        for entry in entries
        if entry.get("event") == "span" and entry.get("trace") == trace_id
        for span in [LoggedSpan.model_validate(entry)]
    }
    return sorted(spans.values(), key=lambda span: span.started_at)


def _entries(text: str, trace_id: str) -> Iterator[dict[str, Any]]:
    """The JSON lines with the trace's id; or the payloads of a list of entries of Cloud Logging."""
    if text.lstrip().startswith("["):
        yield from (entry.get("jsonPayload", {}) for entry in json.loads(text))
        return
    for line in text.splitlines():
        if trace_id in line and line.startswith("{"):
            yield json.loads(line)


def in_order(spans: Sequence[LoggedSpan]) -> list[tuple[int, LoggedSpan]]:
    """Each span after its parent, with its depth. One whose parent was not logged begins anew."""
    children: dict[str | None, list[LoggedSpan]] = defaultdict(list)
    known = {span.span_id for span in spans}
    for span in spans:
        children[span.parent_id if span.parent_id in known else None].append(span)

    def below(parent: str | None, depth: int) -> Iterator[tuple[int, LoggedSpan]]:
        for span in children[parent]:
            yield depth, span
            yield from below(span.span_id, depth + 1)

    return list(below(None, 0))


def table(spans: Sequence[LoggedSpan]) -> str:
    """The spans as a table for people; times count from the first one."""
    if not spans:
        return "Nothing was logged of this message. Its id is right? TRACE_ONE_IN says how many messages are traced."
    first = min(span.started_at for span in spans)
    rows = [COLUMNS, *(_cells(depth, span, first) for depth, span in in_order(spans))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join([f"{first:%Y-%m-%d %H:%M:%S} UTC", *(line.rstrip() for line in lines)])


def _cells(depth: int, span: LoggedSpan, first: datetime) -> tuple[str, ...]:
    """The row of a span, in the order of `COLUMNS`."""
    outcome = span.outcome or ("done" if not span.is_refused else "")
    if span.is_refused:
        outcome = f"{outcome} (delivered again)".strip()
    return (
        f"{(span.started_at - first).total_seconds():.3f} s",
        "  " * depth + span.step,
        str(span.attempt or ""),
        "" if span.waited is None else f"{span.waited:.3f} s",
        f"{span.seconds:.3f} s",
        outcome,
    )


def to_otlp(spans: Sequence[LoggedSpan]) -> dict[str, Any]:
    """The spans as a request of OTLP, in its JSON form."""
    resource = {"attributes": _attributes({"service.name": "herald"})}
    scope_spans = [{"scope": {"name": "herald"}, "spans": [_otlp_span(span) for span in spans]}]
    return {"resourceSpans": [{"resource": resource, "scopeSpans": scope_spans}]}


def _otlp_span(span: LoggedSpan) -> dict[str, Any]:
    """The span in the fields and units of OTLP: nanoseconds, and numbers for kinds and codes."""
    start = int(span.started_at.timestamp() * 1e9)
    described = {"herald.outcome": span.outcome, "messaging.gcp_pubsub.message.delivery_attempt": span.attempt}
    return {
        "traceId": span.trace,
        "spanId": span.span_id,
        "parentSpanId": span.parent_id or "",
        "name": span.step,
        "kind": CONSUMER if span.attempt else SERVER,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + int(span.seconds * 1e9)),
        "attributes": _attributes(described),
        "links": [{"traceId": span.linked_trace, "spanId": span.span_id}] if span.linked_trace else [],
        "status": {"code": ERROR if span.is_refused else OK},
    }


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    """In OTLP's JSON form, numbers are texts, too."""
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
        if value is not None
    ]


def _texts(files: Sequence[str]) -> Iterator[str]:
    folder = Path(os.environ.get("HERALD_FOLDER") or ROOT / ".local")
    for file in files or sorted(map(str, (folder / "logs").glob("*.log"))):
        yield sys.stdin.read() if file == "-" else Path(file).read_text(errors="replace")


def main() -> int:
    """Print the trace. Returns 1 if nothing was logged of it."""
    parser = argparse.ArgumentParser(prog="python -m local.trace", description="Show one message's whole way.")
    parser.add_argument("message", help="the id of the message")
    parser.add_argument("files", nargs="*", help="logs; by default those of the local stack")
    parser.add_argument("--otlp", action="store_true", help="print the spans as OTLP in JSON")
    options = parser.parse_args()
    spans = read_spans(_texts(options.files), options.message)
    print(json.dumps(to_otlp(spans)) if options.otlp else table(spans))
    return 0 if spans else 1


if __name__ == "__main__":
    sys.exit(main())
