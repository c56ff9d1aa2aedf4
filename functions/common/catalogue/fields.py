"""The fields of a customer: one record for each.

The rule language, the audience index, the sentences that describe rules, the columns of files, the fields of messages
and `GET /api/fields` are derived from the records. To add a field, write its record, and add it to the models in
`customers/model/customer.py` and to `CustomerRow` in `common/audience/index/rows.py`, where mypy checks the code that
uses it. A test lists what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "money", "whole", "date", "list", "map"]
"""Money is an integer in minor units where it is stored; a list contains texts."""

Language = Literal["en", "hi"]


@dataclass(frozen=True, kw_only=True, slots=True)
class EnglishWords:
    """How a sentence after "customers who" speaks of a field."""

    noun: str  # "have another NOUN than …"
    article: Literal["a", "an"] = "a"
    verb: str = ""  # before an amount, a number or a date, instead of "have a NOUN of"
    unit: tuple[str, str] | None = None  # of a number, after the verb: for one, and for several


@dataclass(frozen=True, kw_only=True, slots=True)
class HindiWords:
    """How a relative clause speaks of a field: `जिन` with the possessive, then the noun."""

    possessive: Literal["का", "की", "के"]  # agrees with the noun
    noun: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldRecord:
    """A field of a customer. Every field has a column of the same name in the audience index."""

    name: str  # in the API, in the database, and in rules
    kind: FieldKind
    labels: Mapping[Language, str]  # in lists and forms
    english: EnglishWords
    hindi: HindiWords
    headings: tuple[str, ...] = ()  # of a column with the field in a file, besides the name; in any case
    written_by: Literal["caller", "herald"] = "caller"
    is_identifier: bool = False  # whether it identifies the customer in a file
    in_messages: bool = False  # whether a message can show it
    guessed_from: str = ""  # the field from which a message guesses it, for a person without it
    in_export: bool = True

    @property
    def in_imports(self) -> bool:
        """Whether a column of a file can contain it. The entries of a map have columns of their own."""
        return self.written_by == "caller" and self.kind != "map"

    @property
    def sortable(self) -> bool:
        """Whether lists of customers can be sorted by it."""
        return self.kind not in {"list", "map"}


def _split(headings: str) -> tuple[str, ...]:
    return tuple(headings.split(", "))


FIELDS: Mapping[str, FieldRecord] = {
    record.name: record
    for record in (
        FieldRecord(
            name="external_id",
            kind="text",
            labels={"en": "External ID", "hi": "बाहरी आईडी"},
            english=EnglishWords(noun="id outside Herald", article="an"),
            hindi=HindiWords(possessive="की", noun="बाहरी आईडी"),
            headings=_split(
                "ext id, shopify customer id, customer id, customer number, customer no, customer code, client id, "
                "client code, contact id, record id, lead id, member id, membership no, membership number, "
                "membership id, loyalty id, loyalty card no, card number, user id, crm id, profile id, subscriber id, "
                "party code, kundennummer, kunden nr, numéro client, id cliente, ग्राहक आईडी, uuid, id, "
                "square customer id"
            ),
            is_identifier=True,
        ),
        FieldRecord(
            name="name",
            kind="text",
            labels={"en": "Name", "hi": "नाम"},
            english=EnglishWords(noun="name"),
            hindi=HindiWords(possessive="का", noun="नाम"),
            headings=_split(
                "full name, customer name, client name, contact name, display name, member name, guest name, "
                "party name, buyer name, nombre completo, nombre y apellidos, nom complet, vollständiger name, नाम, "
                "पूरा नाम, ग्राहक का नाम, 氏名"
            ),
            in_messages=True,
        ),
        FieldRecord(
            name="first_name",
            kind="text",
            labels={"en": "First name", "hi": "पहला नाम"},
            english=EnglishWords(noun="first name"),
            hindi=HindiWords(possessive="का", noun="पहला नाम"),
            headings=_split(
                "first name, first, given name, forename, fname, firstname, name first, customer first name, "
                "billing first name, contact first name, vorname, prénom, nombre, primer nombre, पहला नाम, प्रथम नाम, 名"
            ),
            in_messages=True,
            guessed_from="name",
        ),
        FieldRecord(
            name="last_name",
            kind="text",
            labels={"en": "Last name", "hi": "उपनाम"},
            english=EnglishWords(noun="last name"),
            hindi=HindiWords(possessive="का", noun="उपनाम"),
            headings=_split(
                "last name, last, surname, family name, lname, name last, customer last name, billing last name, "
                "contact last name, nachname, familienname, nom de famille, apellido, apellidos, उपनाम, अंतिम नाम, 姓"
            ),
            in_messages=True,
        ),
        FieldRecord(
            name="email",
            kind="text",
            labels={"en": "E-mail", "hi": "ई-मेल"},
            english=EnglishWords(noun="email", article="an"),
            hindi=HindiWords(possessive="का", noun="ईमेल"),
            headings=_split(
                "email address, primary email, email primary, mail, mail address, email id, mail id, emails, "
                "customer email, customer email address, contact email, billing email, billing email address, "
                "email billing, account email, user email, subscriber email, e-mail 1 value, e-mail 1, "
                "e-mail address 1, personal email, home email, work email, business email, shipping email, "
                "e-mail 2 value, email 2, e-mail 2 address, secondary email, alternate email, other email, email 3, "
                "correo, correo electrónico, dirección de correo electrónico, adresse email, adresse e-mail, courriel, "
                "adresse électronique, e-mail adresse, epost, ईमेल, ई-मेल, ईमेल पता, メールアドレス, "
                "primary contact emailid, primary contact email"
            ),
            is_identifier=True,
        ),
        FieldRecord(
            name="phone",
            kind="text",
            labels={"en": "Phone", "hi": "फ़ोन"},
            english=EnglishWords(noun="phone number"),
            hindi=HindiWords(possessive="का", noun="फ़ोन नंबर"),
            headings=_split(
                "phone number, phone no, ph no, ph, primary phone, mobile, mobile number, mobile no, mob, mob no, "
                "mobile phone, mobile phone number, cell, cell phone, cell number, customer phone, customer mobile, "
                "customer phone number, contact number, contact no, contact phone, telephone, telephone number, tel, "
                "tel no, phone 1 value, phone 1, billing phone, default address phone, shipping phone, home phone, "
                "work phone, business phone, phone billing, whatsapp, whatsapp no, whatsapp number, sms number, "
                "msisdn, phone 2 value, phone 2, mobile 2, alternate phone, alternate mobile, other phone, "
                "secondary phone, teléfono, teléfono móvil, móvil, celular, téléphone, téléphone portable, portable, "
                "telefon, telefonnummer, handy, handynummer, mobilnummer, mobiltelefon, फोन, फ़ोन, फोन नंबर, फ़ोन नंबर, "
                "मोबाइल, मोबाइल नंबर, मोबाइल नं, 電話番号, "
                "primary contact mobile, primary contact phone"
            ),
            is_identifier=True,
        ),
        FieldRecord(
            name="city",
            kind="text",
            labels={"en": "City", "hi": "शहर"},
            english=EnglishWords(noun="city"),
            hindi=HindiWords(possessive="का", noun="शहर"),
            headings=_split(
                "town, town city, city town, billing city, mailing city, default address city, home city, "
                "home address city, address city, customer city, city name, address 1 city, shipping city, "
                "business city, business address city, work city, other city, primary address city, location, ort, "
                "stadt, wohnort, ville, ciudad, población, localidad, शहर, नगर, 市区町村"
            ),
            in_messages=True,
        ),
        FieldRecord(
            name="company",
            kind="text",
            labels={"en": "Company", "hi": "कंपनी"},
            english=EnglishWords(noun="company"),
            hindi=HindiWords(possessive="की", noun="कंपनी"),
            headings=_split(
                "company name, organisation, organization, organization name, organization 1 name, account name, "
                "associated company, default address company, billing company, firm, firm name, business name, firma, "
                "empresa, entreprise, société, unternehmen, कंपनी"
            ),
            in_messages=True,
        ),
        FieldRecord(
            name="timezone",
            kind="text",
            labels={"en": "Time zone", "hi": "समय क्षेत्र"},
            english=EnglishWords(noun="time zone"),
            hindi=HindiWords(possessive="का", noun="समय क्षेत्र"),
            headings=_split("tz, timezone id, time zone, iana timezone, zeitzone, zona horaria, fuseau horaire"),
        ),
        FieldRecord(
            name="spend",
            kind="money",
            labels={"en": "Spend", "hi": "कुल ख़र्च"},
            english=EnglishWords(noun="spend", verb="spent"),
            hindi=HindiWords(possessive="का", noun="कुल ख़र्च"),
            headings=_split(
                "total spend, total spent, spent, money spent, amount spent, revenue, total revenue, lifetime value, "
                "customer lifetime value, total customer lifetime value, historic customer lifetime value, ltv, clv, "
                "historic clv, total purchase, total purchase amount, purchase amount, total sales, sales, net sales, "
                "total amount spent, total bill amount, lifetime spend, umsatz, gesamtumsatz, total gastado, "
                "total dépensé, chiffre d'affaires, कुल खर्च, कुल ख़र्च, कुल खरीद, "
                "total des achats, montant total des achats"
            ),
            in_messages=True,
        ),
        FieldRecord(
            name="visits",
            kind="whole",
            labels={"en": "Visits", "hi": "विज़िट"},
            english=EnglishWords(noun="visits", verb="visited", unit=("time", "times")),
            hindi=HindiWords(possessive="की", noun="विज़िट की संख्या"),
            headings=_split(
                "visit count, number of visits, no of visits, total visits, visits count, num visits, besuche, "
                "visitas, visites, विज़िट"
            ),
            in_messages=True,
        ),
        FieldRecord(
            name="orders",
            kind="whole",
            labels={"en": "Orders", "hi": "ऑर्डर"},
            english=EnglishWords(noun="orders", verb="placed", unit=("order", "orders")),
            hindi=HindiWords(possessive="के", noun="ऑर्डर की संख्या"),
            headings=_split(
                "order count, orders count, number of orders, no of orders, num orders, total orders, purchases, "
                "total purchases, number of purchases, purchase count, historic number of orders, no of bills, "
                "total bills, bestellungen, anzahl bestellungen, pedidos, número de pedidos, commandes, "
                "nombre de commandes, कुल ऑर्डर, "
                "transaction count, payment count"
            ),
            in_messages=True,
        ),
        FieldRecord(  # spend per order; missing without an order
            name="average_order_value",
            kind="money",
            labels={"en": "Average order value", "hi": "औसत ऑर्डर मूल्य"},
            english=EnglishWords(noun="average order value", article="an"),
            hindi=HindiWords(possessive="के", noun="ऑर्डर का औसत मूल्य"),
            written_by="herald",
        ),
        FieldRecord(  # days with an order or a visit
            name="active_days",
            kind="whole",
            labels={"en": "Active days", "hi": "सक्रिय दिन"},
            english=EnglishWords(noun="number of active days", verb="were active on", unit=("day", "days")),
            hindi=HindiWords(possessive="के", noun="सक्रिय दिनों की संख्या"),
            headings=_split("active days count, days active"),
            in_messages=True,
        ),
        FieldRecord(
            name="last_active_at",
            kind="date",
            labels={"en": "Last active", "hi": "पिछली गतिविधि"},
            english=EnglishWords(noun="date of last activity", verb="were last active"),
            hindi=HindiWords(possessive="की", noun="पिछली गतिविधि की तारीख़"),
            headings=_split(
                "last active, last active date, last activity, last activity date, last activity time, last seen, "
                "last visit, last visit date, last visited, last login, last login date, last order, last order date, "
                "last ordered, last purchase, last purchase date, last transaction, last transaction date, "
                "last bill date, last billed, last contacted, last open, date of last order, date last seen, "
                "última compra, última visita, dernière commande, dernière visite, letzte bestellung, letzter besuch, "
                "letzter kauf, अंतिम खरीद, अंतिम विज़िट, पिछली खरीदारी"
            ),
            in_messages=True,
        ),
        FieldRecord(
            name="first_order_at",
            kind="date",
            labels={"en": "First order", "hi": "पहला ऑर्डर"},
            english=EnglishWords(noun="date of the first order", verb="first ordered"),
            hindi=HindiWords(possessive="के", noun="पहले ऑर्डर की तारीख़"),
            headings=_split(
                "first order, first order date, first purchase, first purchase date, date of first order, "
                "customer since"
            ),
            in_messages=True,
        ),
        FieldRecord(
            name="created_at",
            kind="date",
            labels={"en": "Added", "hi": "जुड़ने की तारीख़"},
            english=EnglishWords(noun="date of being added", verb="were added"),
            hindi=HindiWords(possessive="के", noun="जुड़ने की तारीख़"),
            headings=_split("created, created on, date created, date added, added on, signup date, registered on"),
            in_messages=True,
        ),
        FieldRecord(
            name="updated_at",
            kind="date",
            labels={"en": "Last changed", "hi": "पिछला बदलाव"},
            english=EnglishWords(noun="date of the last change", verb="were last changed"),
            hindi=HindiWords(possessive="के", noun="पिछले बदलाव की तारीख़"),
            written_by="herald",
            in_export=False,
        ),
        FieldRecord(
            name="tags",
            kind="list",
            labels={"en": "Tags", "hi": "टैग"},
            english=EnglishWords(noun="tags"),
            hindi=HindiWords(possessive="की", noun="टैग सूची"),
            headings=_split("tag, labels, label, segments, lists, groups, group membership, etiquetas, étiquettes, टैग"),
        ),
        FieldRecord(  # the suppressed ones of email and phone
            name="suppressed",
            kind="list",
            labels={"en": "Suppressed addresses", "hi": "रोके गए पते"},
            english=EnglishWords(noun="suppressed addresses"),
            hindi=HindiWords(possessive="के", noun="रोके गए पतों की सूची"),
            written_by="herald",
            in_export=False,
        ),
        FieldRecord(  # the caller's own fields, with values of any kind: `attributes.plan`
            name="attributes",
            kind="map",
            labels={"en": "Attributes", "hi": "विशेषताएँ"},
            english=EnglishWords(noun="attributes"),
            hindi=HindiWords(possessive="की", noun="विशेषताएँ"),
            in_messages=True,
        ),
        FieldRecord(  # yes or no by channel: `consent.email`; a channel without a choice is not in it
            name="consent",
            kind="map",
            labels={"en": "Consent", "hi": "सहमति"},
            english=EnglishWords(noun="consent"),
            hindi=HindiWords(possessive="की", noun="सहमति"),
        ),
    )
}


def fields_of_kind(*kinds: FieldKind) -> tuple[str, ...]:
    """The names of the fields of these kinds."""
    return tuple(record.name for record in FIELDS.values() if record.kind in kinds)
