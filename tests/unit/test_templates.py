"""The message language: validation and rendering."""

from __future__ import annotations

import time

import pytest

from common.errors import Invalid
from common.events import MessageTemplate
from common.messages.templates import MESSAGE_FIELDS, render, validate_template


def message(body: str, subject: str = "Hello {{ first_name }}") -> MessageTemplate:
    return MessageTemplate(subject=subject, body=body)


def rendered(body: str, **fields: object) -> str:
    validate_template(message(body))
    return render(message(body), fields).body


def problems(body: str) -> list[tuple[str, str, str]]:
    with pytest.raises(Invalid) as error:
        validate_template(message(body))
    return [(detail.field, detail.code, detail.message) for detail in error.value.fields]


def test_render_with_missing_values_leaves_them_empty() -> None:
    """Fields are replaced by the recipient's values, and the subject has no line breaks."""
    text = render(
        message("Dear {{ name }} of {{ city }}: {{ attributes.plan }}{{ attributes.none }}.", "Hi\n{{ first_name }}"),
        {"name": "Asha Rao", "first_name": "Asha", "city": None, "attributes": {"plan": "gold"}},
    )
    assert (text.subject, text.body) == ("Hi Asha", "Dear Asha Rao of : gold.")


@pytest.mark.parametrize("value", [None, "", "missing"])
@pytest.mark.parametrize(
    "tag",
    [
        '{{ first_name | default("there") }}',
        "{{ first_name|default('there', true) }}",
        '{{ first_name | default: "there" }}',
        "{{ first_name | default:'there' }}",
        "{{ first_name or 'there' }}",
        "{% if first_name %}{{ first_name }}{% else %}there{% endif %}",
        "{% if not first_name %}there{% endif %}",
        "{% if first_name %}x{% elif city %}y{% else %}there{% endif %}",
    ],
)
def test_default_stands_for_missing_and_empty_values(tag: str, value: str | None) -> None:
    """In Jinja's, Django's and Liquid's spelling, and as a choice."""
    fields = {} if value == "missing" else {"first_name": value}
    assert rendered(f"Hi {tag}!", **fields) == "Hi there!"


def test_filters_and_nested_attributes() -> None:
    """Filters are applied from left to right; attributes may be in others."""
    assert rendered("{{ city | upper }} {{ city | lower }} {{ name | title }}", city="Pune", name="asha RAO") == (
        "PUNE pune Asha Rao"
    )
    assert rendered("{{ attributes.points | number }}", attributes={"points": 12500}) == "12,500"
    assert rendered("{{ last_active_at | date }}", last_active_at="2026-08-12") == "12 August 2026"
    assert rendered("{{ attributes.since | date }}", attributes={"since": 20260812}) == "12 August 2026"
    assert rendered('{{ attributes.seat.row }} {{ attributes["shoe size"] }}', attributes={"seat": {"row": 4}}) == "4 "
    assert rendered("{{ attributes.seat }}", attributes={"seat": {"row": 4}}) == ""
    assert rendered("{{ visits }}{% if visits %} visits{% endif %}{# a note #}", visits=0) == "0"


DAYS = {"last_active_at": "2026-11-26", "attributes": {"birthday": "1990-05-01", "card": {"until": "2027-02-03"}}}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("You were here on {{ last_active_at }}.", "You were here on 26 November 2026."),
        ("You were here on {{ last_active_at | date }}.", "You were here on 26 November 2026."),
        ("You were here on {{ last_active_at | upper }}.", "You were here on 26 NOVEMBER 2026."),
        ("{{ attributes.birthday }}, {{ attributes.card.until }}", "1 May 1990, 3 February 2027"),
        ("आप {{ last_active_at }} को आए थे।", "आप 26 नवंबर 2026 को आए थे।"),
        ("आप {{ last_active_at | date }} को Diwali sale में आए थे।", "आप 26 नवंबर 2026 को Diwali sale में आए थे।"),
        ("Aap {{ last_active_at }} ko aaye the, नमस्ते", "Aap 26 November 2026 ko aaye the, नमस्ते"),
        ("{% if city %}शहर{% endif %} {{ attributes.birthday }}", " 1 मई 1990"),
        ("{{ last_active_at }}", "26 November 2026"),
    ],
)
def test_days_are_in_words_and_in_the_language_of_the_message(body: str, text: str) -> None:
    """Hindi if most of its words are in Devanagari; otherwise English."""
    validate_template(message(body, subject="{{ last_active_at }}"))
    rendered_text = render(message(body, subject="{{ last_active_at }}"), DAYS)
    assert rendered_text.body == text
    assert rendered_text.subject == ("26 नवंबर 2026" if "नवंबर" in text or "मई" in text else "26 November 2026")


@pytest.mark.parametrize("value", ["20261126", "2026-13-01", "2026-11-31", "2026-W48-4", 20261126, "2026"])
def test_what_is_no_day_stays_as_it_is(value: str | int) -> None:
    """A number of eight digits is an order's, not a day."""
    assert rendered("{{ attributes.order }}", attributes={"order": value}) in {str(value), ""}


def test_known_fields_are_accepted() -> None:
    """Each field of the catalogue that messages can show."""
    for field in MESSAGE_FIELDS:
        validate_template(message(f"{{{{ {field}{'.plan' if field == 'attributes' else ''} }}}}"))


@pytest.mark.parametrize(
    ("body", "code", "hint"),
    [
        ("Dear {{ nmae }}", "unknown_field", "{{ name }}"),
        ("Dear {{ firstName }}", "unknown_field", "{{ first_name }}"),
        ("Dear {{ contact.FIRSTNAME }}", "unknown_field", "{{ first_name }}"),
        ("Dear {{ subscriber.first_name }}", "unknown_field", "{{ first_name }}"),
        ("{{ password }}", "unknown_field", "The fields are"),
        ("Dear {{ name", "template", "not complete"),
        ("{% if %}", "template", "message language"),
        ("line\nline {% if name %}", "template", "Line 2"),
        ("{{ name.__class__.__mro__ }}", "template", "{{ name }}"),
        ("{{ attributes.__class__ }}", "template", "{{ attributes.plan }}"),
        ("{{ attributes }}", "template", "{{ attributes.plan }}"),
        ("{{ name | attr('x') }}", "template", "filters are default"),
        ("{{ name | upper | lower | upper | lower | upper }}", "template", "too many filters"),
        ("{{ name | default(city) }}", "template", "in quotes"),
        ("{{ attributes[city] }}", "template", "in quotes"),
        ("{{ 1 / 0 }}", "template", "one field"),
        ("{{ name + 1 }}", "template", "one field"),
        ("{{ 'text' }}", "template", "one field"),
        ("{{ lipsum(n=100000) }}", "template", "one field"),
        ("{{ range(99) }}", "template", "one field"),
        ("{% for i in range(99) %}{% endfor %}", "template", "no {% for %}"),
        ("{% set x = 'a' %}", "template", "no {% assign %}"),
        ("{% macro a() %}{% endmacro %}", "template", "no {% macro %}"),
        ("{% include 'x' %}", "template", "no {% include %}"),
        ("{% if name == 'x' %}{% endif %}", "template", "one field"),
        ("{% raise %}", "template", "message language"),
    ],
)
def test_what_is_not_in_the_language_is_an_error(body: str, code: str, hint: str) -> None:
    """In our words, with a hint."""
    [(field, found, text)] = problems(body)
    assert (field, found) == ("message.body", code)
    assert hint in text


@pytest.mark.parametrize(
    ("tag", "spelling"),
    [
        ("*|FNAME|*", "{{ first_name }}"),
        ("{first_name}", "{{ first_name }}"),
        ("{firstName}", "{{ first_name }}"),
        ("[First Name]", "{{ first_name }}"),
        ("[city]", "{{ city }}"),
        ("%FIRSTNAME%", "{{ first_name }}"),
        ("%%FirstName%%", "{{ first_name }}"),
        ("${first_name}", "{{ first_name }}"),
        ("{ { name } }", "{{ name }}"),
        ("<<Name>>", "{{ name }}"),
        ("<%= name %>", "{{ name }}"),
        ("[[name]]", "{{ name }}"),
        ("<First Name>", "{{ first_name }}"),
        ("#Name#", "{{ name }}"),
        ("{{#if name}}x{{/if}}", "{{ field }}"),
        ("{{{name}}}", "{{ name }}"),
        ("*|COUPON|*", "{{ field }}"),
    ],
)
def test_tags_of_other_tools_are_refused_with_the_right_spelling(tag: str, spelling: str) -> None:
    """They would be read as they stand."""
    [(_, code, text)] = problems(f"Hi {tag}, welcome")
    assert code == "foreign_tag"
    assert spelling in text


@pytest.mark.parametrize("body", ["It is 100% wool [really] <3", "5 < 6 and 7 > 6", "# News", "Save 20%, or 30%!"])
def test_ordinary_signs_are_no_tags(body: str) -> None:
    """Brackets and signs may stand in a text."""
    assert rendered(body) == body


@pytest.mark.parametrize(
    "body",
    [
        "{% if visits %}{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}{% endif %}",
        "{% if visits %}{{ 'a' * 10**10 }}{% endif %}",
        "{{ 'x' * 10**9 }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ name | center(999999999) }}",
        "{% set ns = namespace(x='aa') %}{{ ns.x ~ ns.x }}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{{ " + "(" * 3_000 + "name" + ")" * 3_000 + " }}",
        "{{ name" + " | upper" * 2_400 + " }}",
        "{% for i in 'ab' %}" * 25 + "{% endfor %}" * 25,
        "{% if name %}" * 800 + "{% endif %}" * 800,
        "{{ name }" * 2_000,
        "{{" * 9_000,
        "[" * 19_000,
        "*|" * 9_000,
        "{{ name | default: '" + "a" * 19_000,
    ],
)
def test_heavy_templates_are_refused_at_once(body: str) -> None:
    """Loops, arithmetic and depth are no part of the language, so nothing can hang or take all memory."""
    started = time.process_time()
    if body.startswith("["):
        validate_template(message(body))  # brackets are text
    else:
        assert problems(body)
    assert time.process_time() - started < 2


def test_surrogates_are_refused() -> None:
    """They cannot be sent; in the text itself the event refuses them."""
    assert problems(r"{{ name | default('\ud800') }}")


def test_render_with_template_syntax_in_data_leaves_it_out() -> None:
    """A recipient's values are never evaluated; what is not plain is missing."""
    fields = {"name": "{{ 7 * 7 }}", "city": "Pune"}
    assert render(message("{{ name }}{{ city }}"), fields).body == "Pune"


def test_output_is_bounded_by_the_template() -> None:
    """The longest text has the template's text and one value for each tag."""
    text = rendered("{{ name }}" * 2_000, name="a" * 60)
    assert len(text) == 2_000 * 60
