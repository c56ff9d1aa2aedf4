"""The tags of other tools, such as `*|FNAME|*` or `[First Name]`: recognized, with Herald's spelling offered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from common.catalogue.fields import FIELDS

_OTHER_NAMES = {
    "fname": "first_name",
    "givenname": "first_name",
    "firstname": "first_name",
    "lname": "name",
    "lastname": "name",
    "fullname": "name",
    "customername": "name",
    "username": "name",
    "recipientname": "name",
    "town": "city",
}
_OWNERS = re.compile(
    r"^(?:contact|customer|subscriber|user|person|recipient|lead|member|profile|client)s?[._ ]{1,3}", re.I
)
_NAME = r"[A-Za-z][A-Za-z0-9_.: ]{0,40}"
_SURELY = re.compile(  # in these signs stands nothing else than a tag
    rf"\*\|[^|\n]{{1,60}}\|\*|\$\{{[^{{}}\n]{{1,60}}\}}|%%[^%\n]{{1,60}}%%|<%.{{1,80}}?%>|\[\[[^\[\]\n]{{1,60}}\]\]|"
    rf"<<[^<>\n]{{1,60}}>>|\{{\{{[{{#/^>&!~][^{{}}\n]{{0,80}}\}}{{2,3}}|\{{ \{{[^{{}}\n]{{1,60}}\}} ?\}}|\{{{_NAME}\}}"
)
_PERHAPS = re.compile(rf"\[({_NAME})\]|(?<!%)%({_NAME})%(?!%)|<({_NAME})>|#({_NAME})#|__({_NAME})__")


@dataclass(frozen=True, slots=True)
class ForeignTag:
    """A tag of another tool, and Herald's spelling of it if there is such a field."""

    text: str
    spelling: str | None

    @property
    def advice(self) -> str:
        offered = f" Write {self.spelling}." if self.spelling else " Write {{ field }}, with one of Herald's fields."
        return f"{self.text} is another tool's tag, which people would read as it stands.{offered}"


def foreign_tags(text: str) -> Iterator[ForeignTag]:
    """The tags in the text of a template. What stands in brackets is a tag only if it names a field."""
    for match in _SURELY.finditer(text):
        yield ForeignTag(match.group(), spelling_of(match.group()))
    for match in _PERHAPS.finditer(text):
        name = next(group for group in match.groups() if group)
        if spelling := spelling_of(name):
            yield ForeignTag(match.group(), spelling)


def spelling_of(name: str) -> str | None:
    """Herald's tag for another tool's name of a field: `FNAME`, `contact.first_name`, `First Name`."""
    words = re.sub(r"^[^A-Za-z]{1,6}|[^A-Za-z]{1,6}$", "", name[:80])
    field = FIELD_OF_NAME.get(_letters(_OWNERS.sub("", words))) or FIELD_OF_NAME.get(_letters(words))
    return f"{{{{ {field} }}}}" if field else None


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _names() -> Iterator[tuple[str, str]]:
    """All names of the fields that a message can show: of the catalogue, of files, and of other tools."""
    for record in FIELDS.values():
        if record.in_messages and record.kind != "map":
            for name in (record.name, *record.labels.values(), *record.headings):
                yield _letters(name), record.name
    yield from _OTHER_NAMES.items()


FIELD_OF_NAME: Mapping[str, str] = dict(_names())
