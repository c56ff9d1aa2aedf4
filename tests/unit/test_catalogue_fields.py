"""The records of customer fields agree with the models, the index, the rules and the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from common.audience import CustomerRow
from common.catalogue.fields import FIELDS, FieldKind, FieldRecord, Language
from common.messages.templates import MESSAGE_FIELDS
from common.rules.fields import FIELDS as RULE_FIELDS
from common.rules.nodes import Rule
from common.rules.operators_by_kind import OPERATORS, OperandKind
from customers.formats.columns import CUSTOMERS, READ_ONLY_COLUMNS, ColumnMapping
from customers.model.customer import Customer, CustomerInput, CustomerPatch

INDEX_ONLY = {"id", "bucket", "version", "erased"}
ROW_TYPES = {"text": "str", "money": "int", "whole": "int", "date": "datetime", "list": "tuple[", "map": "Mapping["}
RESPONSE_TYPES = {"text": "str", "money": "float", "whole": "int", "date": "datetime", "list": "list[", "map": "dict["}
RULES: TypeAdapter[Any] = TypeAdapter(Rule)
FIELD_OF_KIND: dict[str, str] = {
    **{field.kind: field.name for field in RULE_FIELDS.values()},
    "any": "attributes.plan",
    "flag": "consent.email",
}
"""A field of each kind."""

SAMPLES: dict[str, list[Any]] = {
    "text": ["Pune"],
    "money": [5],
    "whole": [5],
    "date": ["2026-01-31"],
    "list": ["vip", 5],
    "any": [5, "Pune", "2026-01-31", True],
    "flag": [True],
}

every_field = pytest.mark.parametrize("record", FIELDS.values(), ids=lambda record: record.name)


def test_input_has_the_fields_that_the_caller_writes() -> None:
    """The input of an import has them all; a change has all that do not identify the customer for ever."""
    written = {record.name for record in FIELDS.values() if record.written_by == "caller"}
    assert CustomerInput.model_fields.keys() - {"customer_id"} == written  # it only says whose the row is
    assert CustomerPatch.model_fields.keys() == written - {"external_id"}


def test_response_and_index_have_every_field() -> None:
    """A field that a model lacks would be lost without an error."""
    assert Customer.model_fields.keys() == FIELDS.keys() | {"id", "consents"}
    assert {column.name for column in dataclass_fields(CustomerRow)} == FIELDS.keys() | INDEX_ONLY


@every_field
def test_types_of_a_field_fit_its_kind(record: FieldRecord) -> None:
    """The types in the index and in the response are those of the kind."""
    for model, types in ((CustomerRow, ROW_TYPES), (Customer, RESPONSE_TYPES)):
        hint = get_type_hints(model)[record.name]
        assert types[record.kind] in str(hint) + getattr(hint, "__name__", "")


@every_field
def test_field_has_words_in_every_language(record: FieldRecord) -> None:
    """A field has a label and a noun in English and in Hindi."""
    assert record.labels.keys() == set(get_args(Language))
    assert all(record.labels.values())
    assert record.english.noun
    assert record.hindi.noun


@pytest.mark.parametrize("language", get_args(Language))
def test_labels_are_unique(language: Language) -> None:
    """Two choices with one label could not be told apart."""
    labels = [record.labels[language] for record in FIELDS.values()]
    assert len(labels) == len(set(labels))


def test_guessed_fields_name_another_field() -> None:
    """A first name is guessed from the name, and follows it in lists."""
    assert all(record.guessed_from in FIELDS for record in FIELDS.values() if record.guessed_from)
    assert list(FIELDS)[1:4] == ["name", "first_name", "last_name"]


def operators_accepted(kind: OperandKind) -> Iterator[str]:
    """The operators with which a rule about a field of the kind is valid, with any of the sample values."""
    for op in dict.fromkeys(op for operators in OPERATORS.values() for op in operators):
        arguments = [{}, {"days": 7}, *({"value": value} for value in SAMPLES[kind])]
        arguments += [{"low": value, "high": value} for value in SAMPLES[kind]]
        arguments += [{"values": [value]} for value in SAMPLES[kind]]
        if any(is_valid({"op": op, "field": FIELD_OF_KIND[kind], **more}) for more in arguments):
            yield op


def is_valid(node: dict[str, Any]) -> bool:
    try:
        RULES.validate_python(node)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", get_args(OperandKind))
def test_operators_of_a_kind_are_those_that_validation_accepts(kind: OperandKind) -> None:
    """The site offers exactly what a rule can say. A flag has only equality, and whether there is a choice."""
    if kind == "flag":
        assert set(OPERATORS[kind]) < set(operators_accepted(kind))
    else:
        assert list(OPERATORS[kind]) == list(operators_accepted(kind))


def test_every_kind_of_field_has_operators() -> None:
    """A map has no operators of its own: rules test its entries, which have the kind `any` or `flag`."""
    assert {*get_args(FieldKind), "any", "flag"} - {"map"} == set(OPERATORS)


@every_field
def test_headings_of_a_field_are_recognized(record: FieldRecord) -> None:
    """Each heading, and the name itself, in a file stands for the field; in any case and with any separators."""
    if record.name not in CUSTOMERS.fields:
        return
    for heading in (record.name, *record.headings):
        for written in (heading, heading.upper(), heading.replace(" ", "_")):
            assert ColumnMapping([written], CUSTOMERS, {}).fields == [record.name]


def test_headings_are_unique() -> None:
    """A heading stands for one field only."""
    headings = [heading for record in FIELDS.values() for heading in record.headings]
    assert len(headings) == len(set(headings))


def test_computed_fields_cannot_be_imported() -> None:
    """A file that contains them, as our exports do, loses these columns."""
    for name in ("average_order_value", "updated_at"):
        assert name in READ_ONLY_COLUMNS
        assert name not in CUSTOMERS.fields


def test_message_fields_are_in_the_order_of_the_catalogue() -> None:
    """The editor offers them in this order."""
    assert list(MESSAGE_FIELDS)[:4] == ["name", "first_name", "last_name", "city"]
