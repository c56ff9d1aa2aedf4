"""What an import would do with a file: how each column is understood, and what would become of its rows.

Nothing is written. The whole file is read; the rows at its beginning are also compared with the customers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Literal

from anyio import to_thread

from common.addresses.address import AddressHasher
from common.batching import chunked
from common.clock import times_without_zone_in
from common.errors import FieldError, Invalid

from ..commands.record_activities import MAX_ROWS, ActivityResult, PendingActivity
from ..commands.suppress import SuppressionInput
from ..commands.upsert import PendingRow
from ..formats.cells import Misfit
from ..formats.columns import ACTIVITIES, Column, ColumnMapping
from ..formats.json_rows import ParsedRow
from ..model.activity import ActivityInput
from ..model.customer import CustomerInput
from .jobs import ImportJobs, RowType
from .row_validation import validate_row
from .suppression_rows import validate_suppressions
from .upload import Upload

PreviewType = RowType | Literal["suppressions"]
ROWS_PER_READ = 400
COMPARED_ROWS = 2_000
"""Rows that are compared with the stored customers: enough to see what a file is, and few enough to answer at once."""

SAMPLES, EXAMPLES, MAX_WORDS = 5, 3, 30
MAX_SHOWN = 200
SUPPRESSION_FIELDS = {"email", "phone", "reason"}


@dataclass(kw_only=True, slots=True)
class ColumnFacts:
    """What the cells of one column are."""

    column: Column
    filled: int = 0
    samples: dict[str, None] = field(default_factory=dict)
    misfits: int = 0
    examples: list[tuple[int, FieldError]] = field(default_factory=list)  # with the number of the row
    words: Counter[str] = field(default_factory=Counter)  # of a column of consent

    def add(self, text: str) -> None:
        """Count one cell that is not empty."""
        self.filled += 1
        if len(self.samples) < SAMPLES:
            self.samples.setdefault(text[:MAX_SHOWN])
        if self.column.format.type == "consent" and (len(self.words) < MAX_WORDS or text in self.words):
            self.words[text[:MAX_SHOWN]] += 1

    def meaning_of(self, word: str) -> str:
        """What a word says about consent: `granted`, `denied`, `unknown`, or `nothing`."""
        try:
            said = self.column.read(word)
        except Misfit:
            return "unknown"
        if said is None:
            return "nothing"
        if isinstance(said, dict):  # with the time
            return str(said["state"])
        return "granted" if said is True else "denied"


@dataclass(kw_only=True, slots=True)
class FilePreview:
    """What is known of a file after it was read."""

    columns: list[ColumnFacts] = field(default_factory=list)
    rows: int = 0
    rejected: int = 0
    warned: int = 0
    rejected_examples: list[tuple[int, tuple[FieldError, ...]]] = field(default_factory=list)
    compared: int = 0  # rows that were compared with the customers
    statuses: Counter[str] = field(default_factory=Counter)  # of the compared rows
    repeated: int = 0  # rows about somebody who was in the file before
    shared_addresses: int = 0  # addresses that several people in the file have
    denied: int = 0  # people who say no to e-mails
    types: Counter[str] = field(default_factory=Counter)  # of activities
    found_by: Counter[str] = field(default_factory=Counter)  # of compared activities: by what the customer was found
    unknown: int = 0  # of compared activities: those of nobody whom Herald knows
    _ids: set[str] = field(default_factory=set)
    _owners: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add_person(self, customer: CustomerInput, hashes: AddressHasher) -> bool:
        """Count a row that is valid. Returns whether it is the first one about this person."""
        person = customer.id_with(hashes)
        for address in (customer.email, customer.phone):
            if address:
                owners = self._owners[address]
                owners.add(person)
                self.shared_addresses += len(owners) == 2
        consent = customer.consent.get("email")
        self.denied += consent is not None and consent.state == "denied"
        return self._is_first(person)

    def add_activity(self, activity: ActivityInput) -> bool:
        """Count a row that is valid. Returns whether it is the first one with this `event_id`."""
        self.types[activity.type] += 1
        return self._is_first(activity.path)

    def add_suppressions(self, entries: Iterable[SuppressionInput]) -> None:
        """Count the addresses of a row."""
        for entry in entries:
            self._is_first(entry.address.value)

    def _is_first(self, id_: str) -> bool:
        self.repeated += id_ in self._ids
        is_first = id_ not in self._ids
        self._ids.add(id_)
        return is_first

    def add_located(self, result: ActivityResult) -> None:
        """Count whether the customer of an activity was found, and by what."""
        self.compared += 1
        self.statuses[result.status] += 1
        codes = {error.code for error in result.errors}
        self.unknown += "unknown" in codes
        if result.status in {"counted", "duplicate"}:
            self.found_by[result.found_by] += 1

    def looks_like(self, mapping: ColumnMapping | None, what: PreviewType) -> str:
        """What kind of file it is: customers, activities, or a list of people who must not be written to. What is no
        table is `what` the caller says."""
        if mapping is None:
            return what
        if _are_activities(mapping):
            return "activities"
        said = {name for name in mapping.fields if name.startswith("consent.")}
        valid = self.rows - self.rejected
        if (said and valid and self.denied == valid) or (
            set(mapping.fields) - {""} <= SUPPRESSION_FIELDS and "reason" in mapping.fields
        ):
            return "suppressions"
        return "customers"


def _are_activities(mapping: ColumnMapping) -> bool:
    """Whether the columns are chosen as those of activities, or their headings are those of orders or of visits."""
    if {"event_id", "at"} <= set(mapping.fields):
        return True
    fields = ColumnMapping(mapping.sent_headers, ACTIVITIES, {}).fields
    if not {"event_id", "at"} <= set(fields):
        return False
    return (
        bool({"amount", "type"} & set(fields)) or "visit" in mapping.sent_headers[fields.index("event_id")].casefold()
    )


async def preview_file(
    upload: Upload, what: PreviewType, *, import_jobs: ImportJobs, hashes: AddressHasher
) -> FilePreview:
    """Read the file to its end. Raises `Invalid` if it has no rows or cannot be read."""
    preview = FilePreview()
    while rows := await _read(upload, preview):
        models = await to_thread.run_sync(_validate, preview, rows, what, import_jobs.zone)
        customers = [one for one in models if isinstance(one, CustomerInput) and preview.add_person(one, hashes)]
        activities = [one for one in models if isinstance(one, ActivityInput) and preview.add_activity(one)]
        if preview.compared < COMPARED_ROWS:
            await _compare(preview, customers, activities, import_jobs)
    if not preview.rows:
        empty = FieldError(field="body", code="empty", message="Send at least one row.")
        raise Invalid("The body has no rows.", fields=[empty])
    return preview


async def _compare(
    preview: FilePreview, customers: list[CustomerInput], activities: list[ActivityInput], import_jobs: ImportJobs
) -> None:
    """Find out what would become of the rows, without writing them."""
    if customers:
        pending = [PendingRow(customer) for customer in customers]
        upserted, _ = await import_jobs.customer_upserts.build_commit(pending, 1)
        preview.compared += len(customers)
        preview.statuses.update(result.status for result in upserted)
    for some in chunked(activities, MAX_ROWS):
        orders = [PendingActivity(activity, "reject") for activity in some]
        recorded, _ = await import_jobs.activity_recorder.build_commit(orders, 1)
        for result in recorded:
            preview.add_located(result)


async def _read(upload: Upload, preview: FilePreview) -> list[ParsedRow]:
    """The next rows. A table whose columns identify nobody has none, but its columns are shown."""
    try:
        rows = await upload.read_rows(ROWS_PER_READ)
    except Invalid:
        if upload.column_mapping is None or preview.rows:
            raise
        rows = await upload.read_samples()
        preview.columns = preview.columns or [ColumnFacts(column=column) for column in upload.column_mapping.columns]
        _count_cells(preview.columns, rows)
        preview.rows += len(rows)
        preview.rejected += len(rows)
        return []
    if not preview.columns and upload.column_mapping:
        preview.columns = [ColumnFacts(column=column) for column in upload.column_mapping.columns]
    _count_cells(preview.columns, rows)
    return rows


def _count_cells(columns: list[ColumnFacts], rows: list[ParsedRow]) -> None:
    named = [(facts, facts.column.key) for facts in columns if facts.column.key]
    for row in rows:
        for facts, key in named:
            if text := str(row.sent.get(key, "")).strip():
                facts.add(text)


def _validate(
    preview: FilePreview, rows: list[ParsedRow], what: PreviewType, zone: tzinfo
) -> list[CustomerInput | ActivityInput]:
    """Count the rows, and return the valid ones, except suppressions."""
    by_field = _columns_by_field(preview.columns)
    valid: list[CustomerInput | ActivityInput] = []
    with times_without_zone_in(zone):
        for row in rows:
            preview.rows += 1
            model, errors, warnings = _validated(preview, row, what)
            if errors:
                preview.rejected += 1
                if len(preview.rejected_examples) < SAMPLES:
                    preview.rejected_examples.append((row.number, errors))
                continue
            preview.warned += bool(warnings)
            for warning in warnings:
                _add_misfit(by_field, row, warning)
            if model is not None:
                valid.append(model)
    return valid


def _validated(
    preview: FilePreview, row: ParsedRow, what: PreviewType
) -> tuple[CustomerInput | ActivityInput | None, tuple[FieldError, ...], tuple[FieldError, ...]]:
    """The row as what it is, what is wrong with it, and the cells that were left out."""
    if what == "suppressions":
        entries, errors = validate_suppressions(row)
        preview.add_suppressions(entries)
        return None, errors, row.warnings
    model: type[CustomerInput] | type[ActivityInput] = CustomerInput if what == "customers" else ActivityInput
    validated = validate_row(model, row)
    return validated.model, validated.errors, validated.warnings


def _columns_by_field(columns: list[ColumnFacts]) -> Mapping[str, list[ColumnFacts]]:
    by_field: defaultdict[str, list[ColumnFacts]] = defaultdict(list)
    for facts in columns:
        by_field[facts.column.field].append(facts)
    return by_field


def _add_misfit(by_field: Mapping[str, list[ColumnFacts]], row: ParsedRow, warning: FieldError) -> None:
    """Add a warning to the column that it is about: of several with the field, the one that has the value."""
    found = by_field.get(warning.field) or by_field.get(warning.field.partition(".")[0], [])
    if not found:
        return
    facts = next((one for one in found if str(row.sent.get(one.column.key, "")).strip() == warning.value), found[0])
    facts.misfits += 1
    if len(facts.examples) < EXAMPLES:
        facts.examples.append((row.number, warning))
