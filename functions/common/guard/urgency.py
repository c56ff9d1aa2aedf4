"""Scarcity and pressure that the message does not have: "last chance", "only a few left", "hurry"."""

from __future__ import annotations

from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases

INVENTED = Phrases(
    """
    (while|till|until) (stocks|stock|supplies|supply|it|they) (last|lasts)
    (only|just|last|final) (a few|few|some|a handful|the last|limited) (left|remaining|pieces|seats|spots|items|slots|days|hours)
    (few|handful) (left|remaining)
    (almost|nearly|going|selling|running|sold) (gone|fast|out|sold out)
    limited (time|period|stock|stocks|quantity|quantities|edition|offer|seats|spots|availability|number|slots|supply)
    (last|final) (chance|call|opportunity|reminder|notice|pieces|few)
    (stock|stocks|seats|spots|slots|supplies) (is|are) (limited|low|running)
    (first come|first served)
    (act|claim|grab|decide|respond|reply|call|pay) (now|fast|quickly|immediately|today|right away|at once|asap|before)
    (buy|order|shop|book|register|visit|come) (fast|quickly|immediately|right away|at once|asap|before)
    (before|until) (it|its|they|theyre|theyve) (is|are|s|gone|ends|too|sell|all|runs)
    (running|run) out
    (hurry|rush|urgent|urgently|immediately)
    (ends|ending|expires|expiring|over|gone|closing) (soon|shortly)
    (once|last) (gone|it is gone|theyre gone)
    (never|wont) (again|come again|be repeated|be back|last)
    (now or never|clock is ticking|time is running|tick tock)
    (जल्दी करें|जल्दी करो|जल्दी कीजिए|जल्दी करिए|देर न करें|देर मत)
    (स्टॉक|सीमित) (सीमित|समय|स्टॉक|अवधि|है|खत्म)
    (आखिरी|अंतिम) (मौका|अवसर)
    (खत्म|समाप्त) (होने वाला|होने वाली|हो रहा|हो रही|हो जाएगा|हो जाएगी|होने से)
    कुछ ही (बचे|बची|बचा|पीस)
    मौका (हाथ से|न चूकें|न गंवाएं|मत)
    (jaldi karo|jaldi kijiye|jaldi karein|jaldi kare|der mat|der na)
    (aakhri|akhri|antim) (mauka|moka|chance)
    (stock|samay|samaya) (limited|seemit|khatam|kam)
    (khatam|khatm) (hone|ho|hoga)
    mauka (haath|hath|na|mat)
    """
)
IDIOMS = Phrases("in a hurry\nno hurry\nno rush\nwithout rush*\ndont rush\n(running|run) out of (ideas|things)")
WITH_A_DEADLINE = Phrases(
    """
    (hurry|rush|soon|जल्दी करें|jaldi karein)
    (before|until) (it|its) (is|gone|ends|too)
    (act|buy|order|shop|book) (now|fast|today|before)
    (soon|quickly)
    """
)


def find(prose: Prose) -> Iterator[Finding]:
    """With a deadline in the message, a text may ask to be quick."""
    if spans := list(INVENTED.find(prose.words, prose.distinct_words)):
        allowed = WITH_A_DEADLINE.covers(prose.words) if "deadline" in prose.background.topics else set()
        harmless = allowed | prose.covered_by(IDIOMS)
        yield from prose.of_words(span for span in spans if not harmless.issuperset(range(*span)))


URGENCY = Validator(name="urgency", find=find, advice="Put no pressure on the reader ({found!r}).", is_fact=True)
