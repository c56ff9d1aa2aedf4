"""The words of a summary in each language: what each slot reads, and the sentences without Gemini.

A slot reads as a number *with its name* - "130 failed messages" - so that a text cannot give a number another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from common.catalogue.failures import NO_REPORT
from common.catalogue.fields import Language

from .rates import RateName
from .steps import Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    """One language. `{n}` is a number, `{share}` and `{usual}` are percentages."""

    figures: Mapping[str, tuple[str, str]]  # for one and for another number
    rates: Mapping[RateName, str]
    higher: str
    lower: str
    skipped: str  # {reason} is why
    failed: str
    reasons: Mapping[str, str]
    steps: Mapping[Step, str]
    sentences: Mapping[str, str]  # by topic; {slots} are the slots of the topic
    joined: str  # between the last two of several


ENGLISH = Wording(
    figures={
        "audience": ("{n} person in the audience", "{n} people in the audience"),
        "sent": ("{n} sent message", "{n} sent messages"),
        "failed": ("{n} failed message", "{n} failed messages"),
        "skipped": ("{n} skipped person", "{n} skipped people"),
        "unknown": (
            "{n} message of which nobody knows if it arrived",
            "{n} messages of which nobody knows if they arrived",
        ),
        "pending": ("{n} message on its way", "{n} messages on their way"),
        "delivered": ("{n} message delivered", "{n} messages delivered"),
        "opened": ("{n} opened", "{n} opened"),
        "clicked": ("{n} clicked", "{n} clicked"),
        "bounced": ("{n} bounced", "{n} bounced"),
        "complained": ("{n} complaint", "{n} complaints"),
        "unsubscribed": ("{n} unsubscribed", "{n} unsubscribed"),
        "converted": ("{n} converted", "{n} converted"),
    },
    rates={
        "failed": "{share} of the attempts failed",
        "skipped": "{share} of the audience was skipped",
        "bounced": "{share} bounced",
        "complained": "{share} complained",
        "opened": "{share} opened it",
        "clicked": "{share} clicked",
        "unsubscribed": "{share} unsubscribed",
        "converted": "{share} converted",
    },
    higher="{rate}, more than in earlier campaigns ({usual})",
    lower="{rate}, less than in earlier campaigns ({usual})",
    skipped="{n} skipped: {reason}",
    failed="{n} failed: {reason}",
    reasons={
        "no_consent": "no consent",
        "left_topic": "left this topic",
        "unknown_consent": "no consent known",
        "same_address": "same address as somebody else",
        "held_out": "held out for comparison",
        "too_often": "enough messages lately",
        "no_address": "no address",
        "address_changed": "the address changed",
        "landline": "a landline gets no SMS",
        "suppressed": "address suppressed",
        "cancelled": "campaign cancelled",
        "erased": "customer erased",
        NO_REPORT: "no report from the vendor",
        "gave_up": "the vendor did not take it",
        "mailbox_full": "mailbox full",
        "no_mailbox": "no such mailbox",
        "invalid_address": "invalid address",
        "blocked": "blocked as spam or by a policy",
        "too_large": "message too large",
        "rejected": "rejected by the vendor",
    },
    steps={
        "wait": "wait until the pending messages have an outcome",
        "retry": "retry the failed messages, some of which may be delivered",
        "decide_unknown": "decide about the messages with an unknown outcome",
        "check_addresses": "check the addresses, many of which do not work",
        "ask_the_vendor": "ask the vendor why messages fail",
        "ask_for_consent": "ask people for their consent",
        "complete_addresses": "complete the missing addresses",
        "write_less_often": "write to these people less often, or to fewer of them",
        "try_another_subject": "try another subject line",
        "use_it_again": "use what worked in this message again",
        "nothing": "nothing needs to be done",
    },
    sentences={
        "outcome": "⟦campaign⟧: {slots}.",
        "later": "Reported since: {slots}.",
        "standing_out": "What stands out: {slots}.",
        "reasons": "The main reasons: {slots}.",
        "next": "Next: {slots}.",
    },
    joined=" and ",
)
HINDI = Wording(
    figures={
        "audience": ("कुल {n} लोग",) * 2,
        "sent": ("{n} संदेश भेजे गए",) * 2,
        "failed": ("{n} संदेश विफल",) * 2,
        "skipped": ("{n} लोग छोड़े गए",) * 2,
        "unknown": ("{n} संदेश जिनका पता नहीं कि पहुँचे या नहीं",) * 2,
        "pending": ("{n} संदेश रास्ते में",) * 2,
        "delivered": ("{n} संदेश पहुँचे",) * 2,
        "opened": ("{n} ने खोला",) * 2,
        "clicked": ("{n} ने क्लिक किया",) * 2,
        "bounced": ("{n} संदेश लौटे",) * 2,
        "complained": ("{n} शिकायतें",) * 2,
        "unsubscribed": ("{n} ने सदस्यता छोड़ी",) * 2,
        "converted": ("{n} ने ख़रीदा",) * 2,
    },
    rates={
        "failed": "{share} प्रयास विफल",
        "skipped": "{share} लोग छोड़े गए",
        "bounced": "{share} संदेश लौटे",
        "complained": "{share} ने शिकायत की",
        "opened": "{share} ने खोला",
        "clicked": "{share} ने क्लिक किया",
        "unsubscribed": "{share} ने सदस्यता छोड़ी",
        "converted": "{share} ने ख़रीदा",
    },
    higher="{rate}, पहले के अभियानों ({usual}) से ज़्यादा",
    lower="{rate}, पहले के अभियानों ({usual}) से कम",
    skipped="{n} छोड़े गए: {reason}",
    failed="{n} विफल: {reason}",
    reasons={
        "no_consent": "सहमति नहीं",
        "left_topic": "यह विषय छोड़ चुके",
        "unknown_consent": "सहमति का पता नहीं",
        "same_address": "किसी और का भी यही पता",
        "held_out": "तुलना के लिए अलग रखे गए",
        "too_often": "हाल में काफ़ी संदेश मिले",
        "no_address": "पता नहीं है",
        "address_changed": "पता बदल गया",
        "landline": "लैंडलाइन पर SMS नहीं जाता",
        "suppressed": "पता रोका गया है",
        "cancelled": "अभियान रद्द",
        "erased": "ग्राहक मिटाया गया",
        NO_REPORT: "वेंडर की रिपोर्ट नहीं",
        "gave_up": "वेंडर ने नहीं लिया",
        "mailbox_full": "मेलबॉक्स भरा है",
        "no_mailbox": "ऐसा मेलबॉक्स नहीं",
        "invalid_address": "पता ग़लत है",
        "blocked": "स्पैम या नीति से रोका गया",
        "too_large": "संदेश बहुत बड़ा",
        "rejected": "वेंडर ने मना किया",
    },
    steps={
        "wait": "रास्ते वाले संदेशों के नतीजे का इंतज़ार करें",
        "retry": "विफल संदेश फिर से भेजें, कुछ पहुँच सकते हैं",
        "decide_unknown": "जिन संदेशों का पता नहीं, उनके बारे में तय करें",
        "check_addresses": "पते जाँचें, कई काम नहीं करते",
        "ask_the_vendor": "वेंडर से पूछें कि संदेश क्यों विफल होते हैं",
        "ask_for_consent": "लोगों से सहमति माँगें",
        "complete_addresses": "जो पते नहीं हैं उन्हें भरें",
        "write_less_often": "इन लोगों को कम बार लिखें, या इनमें से कम लोगों को",
        "try_another_subject": "दूसरी विषय पंक्ति आज़माएँ",
        "use_it_again": "इस संदेश में जो काम आया उसे फिर आज़माएँ",
        "nothing": "कुछ करने की ज़रूरत नहीं",
    },
    sentences={
        "outcome": "⟦campaign⟧: {slots}।",
        "later": "अब तक की रिपोर्टें: {slots}।",
        "standing_out": "क्या अलग है: {slots}।",
        "reasons": "मुख्य कारण: {slots}।",
        "next": "आगे: {slots}।",
    },
    joined=" और ",
)
WORDINGS: Mapping[Language, Wording] = {"en": ENGLISH, "hi": HINDI}
