"""Columns: which field each column of a table stands for, and what its cells mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.errors import FieldError, Invalid

from ..model.activity import ActivityIn
from ..model.customer import CustomerIn

IGNORED = ""
"""What a caller maps a column to that is to be left out."""

REJECTED = ("rejected_row", "rejected_reason")
CALCULATED = frozenset({"id", "created_at", "updated_at", "average_order_value", *REJECTED})
"""Columns of our own files that cannot be brought in."""

FORMULA_SIGNS = "=+-@\t\r"

FIRST_NAME, LAST_NAME = "name.first", "name.last"
SYNONYMS = {
    "external_id": "externalid extid customerid customernumber customerno clientid userid memberid crmid kundennummer",
    "email": "emailaddress mail mailaddress emailid emails correo courriel epost",
    "phone": "phonenumber mobile mobilenumber mobileno mobilephone cell cellphone contactnumber telephone tel "
    "telefon whatsapp msisdn phoneno",
    "name": "fullname customername displayname contactname",
    FIRST_NAME: "firstname givenname vorname forename",
    LAST_NAME: "lastname surname familyname nachname",
    "city": "town location ort ville ciudad",
    "timezone": "tz timezoneid",
    "spend": "totalspend totalspent spent revenue lifetimevalue ltv amountspent umsatz",
    "visits": "visitcount numberofvisits totalvisits",
    "orders": "ordercount orderscount numberoforders totalorders purchases",
    "active_days": "activedayscount daysactive",
    "last_active_at": "lastactive lastactivity lastseen lastvisit lastlogin lastorder lastorderdate lastpurchase",
    "first_order_at": "firstorder firstorderdate firstpurchase customersince",
    "tags": "tag labels label segments",
    "consent.email": "emailconsent emailoptin acceptsemailmarketing newsletter consentemail",
    "consent.sms": "smsconsent smsoptin acceptssmsmarketing consentsms",
    "consent.whatsapp": "whatsappconsent whatsappoptin consentwhatsapp",
    "event_id": "eventid orderid ordernumber orderno transactionid",
    "type": "eventtype activity activitytype kind",
    "at": "date time datetime timestamp orderdate createdat eventtime",
    "amount": "total ordertotal price ordervalue",
    "customer_id": "heraldid",
}
YES = frozenset({"1", "yes", "y", "true", "t", "on", "ja", "oui", "si", "sí", "subscribed", "granted", "x"})
NO = frozenset({"0", "no", "n", "false", "f", "off", "nein", "non", "unsubscribed", "withdrawn"})
NUMBERS = frozenset({"spend", "amount", "visits", "orders", "active_days"})
NUMERIC = re.compile(r"[+-]?\d[\d .]*")
PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What the rows of a table are: customers, or activities."""

    fields: frozenset[str]  # that a column can stand for
    free: str  # the map that takes all other columns; empty where they are left out
    people: frozenset[str]  # the fields that say who a row is about: one of them must be there


PEOPLE = frozenset({"external_id", "email", "phone"})
CONSENT = frozenset({"consent.email", "consent.sms", "consent.whatsapp"})
CUSTOMERS = Kind(
    fields=(frozenset(CustomerIn.model_fields) - {"attributes", "consent"}) | CONSENT | {FIRST_NAME, LAST_NAME},
    free="attributes",
    people=PEOPLE,
)
ACTIVITIES = Kind(
    fields=frozenset(ActivityIn.model_fields) - {"fields"}, free="fields", people=PEOPLE | {"customer_id"}
)
SUPPRESSIONS = Kind(fields=frozenset({"email", "phone", "reason"}), free="", people=frozenset({"email", "phone"}))


class Columns:
    """The columns of one table."""

    def __init__(self, headers: Sequence[str], kind: Kind, mapped: Mapping[str, str]) -> None:
        """`mapped` is what the caller says of some columns; the others are known by their names. A column that is no
        field goes into the free map under its own name."""
        self.headers = [header.strip() for header in headers]
        self._kind = kind
        self._said = mapped
        self.fields = self._mapped(mapped)

    @property
    def shown(self) -> dict[str, str]:
        """Header to field, for the caller to see."""
        return {header: name for header, name in zip(self.headers, self.fields, strict=True) if header}

    def _mapped(self, mapped: Mapping[str, str]) -> list[str]:
        taken = {name for header, name in mapped.items() if header in self.headers}
        fields: list[str] = []
        for header in self.headers:
            name = mapped[header] if header in mapped else self._field(header, taken)
            taken.add(name)
            fields.append(name)
        return fields

    def _field(self, header: str, taken: set[str]) -> str:
        """A second column for the same field is a free one."""
        name = _known(header, self._kind)
        if name in self._kind.fields and name not in taken:
            return name
        if not header or name in CALCULATED or not self._kind.free:
            return IGNORED
        prefix = f"{self._kind.free}."
        return header if header.startswith(prefix) else prefix + header

    def check(self) -> None:
        """Raises `Invalid` for what was mapped wrongly, and where no column says who a row is about."""
        missing = [header for header in self._said if header not in self.headers]
        strange = [name for name in self._said.values() if not self._may_be(name)]
        if missing or strange:
            known = f"there are the columns {', '.join(self.headers)[:500]}; the fields {', '.join(self._kind.fields)}"
            message = f"Not found: {', '.join([*missing, *strange])[:500]}; {known}."
            raise Invalid("The columns cannot be mapped.", fields=[_at("columns", "unknown", message)])
        if not self._kind.people & set(self.fields):
            wanted = ", ".join(sorted(self._kind.people))
            message = (
                f"No column says who a row is about: name one of them {wanted}, or say with `columns` which it is. "
                f"There are: {', '.join(self.headers)[:500]}"
            )
            raise Invalid(
                "The table has no column that says who a row is about.", fields=[_at("body", "columns", message)]
            )

    def _may_be(self, name: str) -> bool:
        return name == IGNORED or name in self._kind.fields or name.startswith((f"{self._kind.free}.", "consent."))

    def data(self, cells: Sequence[str]) -> dict[str, Any]:
        """What the cells of one row say. An empty cell says nothing."""
        said: dict[str, Any] = {}
        for name, cell in zip(self.fields, cells, strict=False):
            text = harmful(cell.strip())
            if text and name != IGNORED:
                _put(said, name, _meant(name, text))
        first, last = said.pop(FIRST_NAME, ""), said.pop(LAST_NAME, "")
        if first or last:
            said.setdefault("name", f"{first} {last}".strip())
        return said


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; plain numbers, and phone numbers, are none."""
    return f"'{text}" if text[:1] in FORMULA_SIGNS and text and not NUMERIC.fullmatch(text) else text


def harmful(text: str) -> str:
    """What `harmless` was made of."""
    return text[1:] if text.startswith("'") and text[1:2] in FORMULA_SIGNS and text[1:] else text


def _known(header: str, kind: Kind) -> str:
    plain = _plain(header)
    for name, synonyms in SYNONYMS.items():
        if name in kind.fields and (plain == _plain(name) or plain in synonyms.split()):
            return name
    return header.lower()


def _plain(header: str) -> str:
    """In any case, with any signs in between."""
    folded = unicodedata.normalize("NFKD", header).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _put(said: dict[str, Any], name: str, value: Any) -> None:
    outer, dot, inner = name.partition(".")
    if dot and outer != "name":
        said.setdefault(outer, {})[inner] = value
    else:
        said[name] = value


def _meant(name: str, text: str) -> Any:
    if name == "tags":
        return [tag.strip() for tag in re.split(r"[,;|]", text) if tag.strip()]
    if name in NUMBERS:
        return number(text)
    if name.startswith("consent."):
        return True if text.casefold() in YES else False if text.casefold() in NO else text
    if name.partition(".")[0] in {"attributes", "fields"} and PLAIN_NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def number(text: str) -> str:
    """A number as people write it in a table, with a point for the decimals: `₹ 1,00,000.50`, `1.234,50`, `12 500`."""
    plain = re.sub(r"[\s'’_₹$€£¥]|^(?:rs\.?|inr|usd|eur|gbp)", "", text, flags=re.IGNORECASE)
    decimals = max(plain.rfind(","), plain.rfind("."))
    if "," not in plain or (plain.count(",") > 1 and "." not in plain):
        return plain.replace(",", "")
    if "." not in plain and len(plain) - decimals == 4:  # 12,500
        return plain.replace(",", "")
    return plain[:decimals].translate({44: None, 46: None}) + "." + plain[decimals + 1 :]


def _at(field: str, code: str, message: str) -> FieldError:
    return FieldError(field=field, code=code, message=message)
