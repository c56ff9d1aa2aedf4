"""What an import would do with a file: how each column is understood, and what would become of its rows.

Nothing is written. The whole file is read; the rows at its beginning are also compared with the customers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from anyio import to_thread

from common.addresses.address import AddressHasher
from common.clock import times_without_zone_in
from common.errors import FieldError, Invalid

from ..commands.upsert import CustomerUpserts, PendingRow
from ..formats.cells import Misfit
from ..formats.columns import ACTIVITIES, Column, ColumnMapping
from ..formats.json_rows import ParsedRow
from ..model.activity import ActivityInput
from ..model.customer import CustomerInput
from .jobs import RowType
from .row_validation import validate_row
from .upload import Upload

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
    _ids: set[str] = field(default_factory=set)
    _owners: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add_person(self, customer: CustomerInput | ActivityInput, hashes: AddressHasher) -> bool:
        """Count a row that is valid. Returns whether it is the first one about this person."""
        person = customer.id_with(hashes)
        is_first = person not in self._ids
        self.repeated += not is_first
        self._ids.add(person)
        for address in (customer.email, customer.phone):
            if address:
                owners = self._owners[address]
                owners.add(person)
                self.shared_addresses += len(owners) == 2
        consent = customer.consent.get("email") if isinstance(customer, CustomerInput) else None
        self.denied += consent is not None and consent.state == "denied"
        return is_first

    def looks_like(self, mapping: ColumnMapping | None) -> str:
        """What kind of file it is: customers, activities, or a list of people who must not be written to."""
        if mapping is None:
            return "customers"
        said = {name for name in mapping.fields if name.startswith("consent.")}
        valid = self.rows - self.rejected
        if (said and valid and self.denied == valid) or (
            set(mapping.fields) - {""} <= SUPPRESSION_FIELDS and "reason" in mapping.fields
        ):
            return "suppressions"
        activities = ColumnMapping(mapping.sent_headers, ACTIVITIES, {}).fields
        return "activities" if {"event_id", "at"} <= set(activities) else "customers"


async def preview_file(
    upload: Upload, what: RowType, *, upserts: CustomerUpserts, hashes: AddressHasher, zone: tzinfo
) -> FilePreview:
    """Read the file to its end. Raises `Invalid` if it has no rows or cannot be read."""
    preview = FilePreview()
    while rows := await _read(upload, preview):
        models = await to_thread.run_sync(_validate, preview, rows, what, zone)
        first_ones = [model for model in models if preview.add_person(model, hashes)]
        customers = [PendingRow(model) for model in first_ones if isinstance(model, CustomerInput)]
        if customers and preview.compared < COMPARED_ROWS:
            results, _ = await upserts.build_commit(customers, 1)
            preview.compared += len(customers)
            preview.statuses.update(result.status for result in results)
    if not preview.rows:
        empty = FieldError(field="body", code="empty", message="Send at least one row.")
        raise Invalid("The body has no rows.", fields=[empty])
    return preview


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
    preview: FilePreview, rows: list[ParsedRow], what: RowType, zone: tzinfo
) -> list[CustomerInput | ActivityInput]:
    """Count the rows, and return the valid ones."""
    by_field = _columns_by_field(preview.columns)
    model: type[CustomerInput] | type[ActivityInput] = CustomerInput if what == "customers" else ActivityInput
    valid: list[CustomerInput | ActivityInput] = []
    with times_without_zone_in(zone):
        for row in rows:
            preview.rows += 1
            validated = validate_row(model, row)
            if validated.model is None:
                preview.rejected += 1
                if len(preview.rejected_examples) < SAMPLES:
                    preview.rejected_examples.append((row.number, validated.errors))
                continue
            preview.warned += bool(validated.warnings)
            for warning in validated.warnings:
                _add_misfit(by_field, row, warning)
            valid.append(validated.model)
    return valid


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
