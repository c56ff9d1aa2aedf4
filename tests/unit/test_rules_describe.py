"""Descriptions of rules in English and Hindi."""

from __future__ import annotations

import pytest
from hypothesis import given

from common.rules import describe, parse, validate
from tests.oracle import trees

NEVER_ACTIVE = " (people who were never active are not among them)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("everyone", "all customers"),
        (
            "spend > 10000 AND visits < 3 OR inactive for 90 days",
            "customers who spent more than ₹10,000 and visited fewer than 3 times, "
            "or who have been inactive for 90 days or more (people who were never active are not among them)",
        ),
        (
            "spend >= 250000.5 AND (city = 'Pune' OR orders = 1)",
            "customers who spent ₹2,50,000.50 or more and (have the city “Pune” or placed exactly 1 order)",
        ),
        (
            "average_order_value < 500 OR average_order_value between 900 and 1000",
            "customers who have an average order value of less than ₹500, "
            "or who have an average order value of between ₹900 and ₹1,000",
        ),
        ("inactive for 1 day", "customers who have been inactive for 1 day or more" + NEVER_ACTIVE),
        (
            "inactive for 90 days OR last_active_at is missing",
            "customers who have been inactive for 90 days or more, or who have no known date of last activity",
        ),
        (
            "visits < 3 AND (inactive for 90 days OR last_active_at is missing)",
            "customers who visited fewer than 3 times and "
            "(have been inactive for 90 days or more or have no known date of last activity)",
        ),
        ("active_days != 1000", "customers who were active on any number of days but 1,000"),
        ("visits >= 1 OR everyone", "customers who visited 1 time or more, or who are customers at all"),
        ("phone != '123'", "customers who have another phone number than “123”"),
        ("name > 'M'", "customers who come after the name “M” in the alphabet"),
        ("last_active_at < '2026-03-01'", "customers who were last active before 1 March 2026"),
        (
            "created_at >= '2026-03-01T05:30:00+05:30'",
            "customers who were added on or after 1 March 2026, 05:30 UTC+05:30",
        ),
        ("name = '{0} {x}'", "customers who have the name “{0} {x}”"),
    ],
)
def test_describe_in_english_reads_naturally(text: str, words: str) -> None:
    """The English description of typical rules."""
    assert describe(parse(text), "INR") == words


@pytest.mark.parametrize(
    ("text", "english", "hindi"),
    [
        ("everyone", "all customers", "सभी ग्राहक"),
        (
            "city in ('Pune', 'Goa') AND NOT has tag 'vip'",
            "customers who (have the city “Pune” or have the city “Goa”) "
            "and are not among those who have the tag “vip”",
            "वे ग्राहक जिनका शहर इनमें से एक है: “Pune”, “Goa” और जो इनमें से नहीं हैं: जिन पर “vip” टैग है",
        ),
        (
            "attributes.plan = 'gold' OR attributes.vip = true",
            "customers who have the plan “gold”, or who have yes as their vip",
            "वे ग्राहक जिनका “plan” “gold” है, या जिनका “vip” हाँ है",
        ),
        (
            "created_at after 30 days ago AND first_order_at in the last 7 days",
            "customers who were added after 30 days ago and first ordered in the last 7 days",
            "वे ग्राहक जिनके जुड़ने की तारीख़ 30 दिन पहले के बाद है और जिनके पहले ऑर्डर की तारीख़ पिछले 7 दिनों में है",
        ),
        (
            "in segment 'Lapsed' AND opened campaign 'Diwali' in the last 7 days",
            "customers who are in the segment “Lapsed” and opened a message of the campaign “Diwali” "
            "in the last 7 days",
            "वे ग्राहक जो “Lapsed” सेगमेंट में हैं और जिन्होंने पिछले 7 दिनों में “Diwali” अभियान का संदेश खोला",
        ),
        (
            "ordered for more than 5000 in the last 60 days OR ordered at least 3 times",
            "customers who ordered for more than ₹5,000 in the last 60 days, or who ordered 3 times or more",
            "वे ग्राहक जिनके पिछले 60 दिनों में ऑर्डर की कुल राशि ₹5,000 से अधिक है, या जिनकी ऑर्डर संख्या 3 या उससे अधिक है",
        ),
        (
            "spend between 1000 and 2000 AND city is missing",
            "customers who spent between ₹1,000 and ₹2,000 and have no known city",
            "वे ग्राहक जिनका कुल ख़र्च ₹1,000 से ₹2,000 के बीच है और जिनका शहर मालूम नहीं है",
        ),
        (
            "created_at >= 2026-03-01",
            "customers who were added on or after 1 March 2026",
            "वे ग्राहक जिनके जुड़ने की तारीख़ 1 मार्च 2026 या उसके बाद है",
        ),
    ],
)
def test_describe_of_combined_rule_in_both_languages(text: str, english: str, hindi: str) -> None:
    """Combined rules in English and Hindi."""
    rule = parse(text)
    assert (describe(rule, "INR"), describe(rule, "INR", "hi")) == (english, hindi)


@pytest.mark.parametrize(
    ("text", "english", "hindi"),
    [
        ("spend >= 5000", "spent ₹5,000 or more", "जिनका कुल ख़र्च ₹5,000 या उससे अधिक है"),
        (
            "average_order_value > 500",
            "have an average order value of more than ₹500",
            "जिनके ऑर्डर का औसत मूल्य ₹500 से अधिक है",
        ),
        ("visits != 3", "visited any number of times but 3", "जिनकी विज़िट की संख्या 3 के अलावा कुछ और है"),
        ("orders = 2", "placed exactly 2 orders", "जिनके ऑर्डर की संख्या ठीक 2 है"),
        ("city contains 'pur'", "have “pur” in their city", "जिनके शहर में “pur” शामिल है"),
        ("tags contains 'vip'", "have “vip” in their tags", "जिनकी टैग सूची में “vip” शामिल है"),
        ("name starts with 'A'", "have a name that starts with “A”", "जिनका नाम “A” से शुरू होता है"),
        ("email ends with '.in'", "have an email that ends with “.in”", "जिनका ईमेल “.in” पर ख़त्म होता है"),
        ("email is set", "have a known email", "जिनका ईमेल मालूम है"),
        (
            "inactive for 90 days",
            "have been inactive for 90 days or more" + NEVER_ACTIVE,
            "जो 90 दिन या उससे अधिक समय से निष्क्रिय हैं (जो कभी सक्रिय नहीं थे, वे इनमें नहीं हैं)",
        ),
        ("active within 30 days", "were active within the last 30 days", "जो पिछले 30 दिनों में सक्रिय थे"),
        (
            "last_active_at before 2026-03-01",
            "were last active before 1 March 2026",
            "जिनकी पिछली गतिविधि की तारीख़ 1 मार्च 2026 से पहले है",
        ),
        ("first_order_at = yesterday", "first ordered yesterday", "जिनके पहले ऑर्डर की तारीख़ बीता कल है"),
        ("first_order_at = 2026-03-01", "first ordered on 1 March 2026", "जिनके पहले ऑर्डर की तारीख़ 1 मार्च 2026 है"),
        ("attributes.due in the next 7 days", "have a due in the next 7 days", "जिनका “due” अगले 7 दिनों में है"),
        ("consent.email = true", "agreed to email", "जिन्होंने “email” के लिए सहमति दी है"),
        ("consent.sms != true", "said no to sms", "जिन्होंने “sms” के लिए मना किया है"),
        ("consent.sms is missing", "have no known consent to sms", "जिनकी “sms” के लिए सहमति मालूम नहीं है"),
        ("name > 'M'", "come after the name “M” in the alphabet", "जिनका नाम वर्णक्रम में “M” के बाद है"),
        (
            "received any campaign",
            "were sent a message of any campaign",
            "जिन्हें किसी भी अभियान का संदेश भेजा गया",
        ),
        (
            "clicked campaign 'Diwali'",
            "clicked in a message of the campaign “Diwali”",
            "जिन्होंने “Diwali” अभियान के संदेश में क्लिक किया",
        ),
        (
            "visited at least 3 times in the last 60 days",
            "visited 3 times or more in the last 60 days",
            "जिनकी पिछले 60 दिनों में विज़िट संख्या 3 या उससे अधिक है",
        ),
        ("ordered for at most 500", "ordered for ₹500 or less", "जिनके ऑर्डर की कुल राशि ₹500 या उससे कम है"),
        (
            "NOT (spend > 1 OR visits < 2)",
            "are not among those who (spent more than ₹1 or visited fewer than 2 times)",
            "जो इनमें से नहीं हैं: (जिनका कुल ख़र्च ₹1 से अधिक है या जिनकी विज़िट की संख्या 2 से कम है)",
        ),
    ],
)
def test_describe_of_each_condition_in_both_languages(text: str, english: str, hindi: str) -> None:
    """Each kind of condition in English and Hindi."""
    rule = parse(text)
    assert describe(rule, "INR") == f"customers who {english}"
    assert describe(rule, "INR", "hi") == f"वे ग्राहक {hindi}"


@given(trees)
def test_describe_of_any_rule_returns_a_sentence(tree: object) -> None:
    """Any rule has a description in both languages."""
    words = describe(validate(tree), "USD")
    assert words == "all customers" or words.startswith("customers who ")
    hindi = describe(validate(tree), "USD", "hi")
    assert hindi == "सभी ग्राहक" or hindi.startswith("वे ग्राहक ")
