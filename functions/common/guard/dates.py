"""Dates, times and deadlines in words. `today` alone is none; `today only` is."""

from __future__ import annotations

from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases
from common.guard.written_dates import find_written_dates

_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed|thu|thurs|fri|mondays|fridays|saturdays|sundays"
_MONTHS = "january|february|april|june|july|august|september|october|november|december|jan|feb|aug|sept|oct|nov|dec"
_PERIODS = "day|days|week|weeks|weekend|weekends|month|months|fortnight|season|year|quarter|hour|hours|minute|minutes|night|evening|morning"
_FESTIVALS = (
    "diwali|deepavali|holi|eid|christmas|xmas|navratri|dussehra|dasara|rakhi|raksha bandhan|onam|pongal|new year|new years|"
    "independence day|republic day|valentines|valentines day|mothers day|fathers day|black friday|cyber monday|ramadan|"
    "ganesh chaturthi|baisakhi|lohri|makar sankranti|karva chauth|akshaya tritiya|easter|halloween|thanksgiving"
)
_DEADLINE = (
    "ends|end|ending|expires|expire|expiring|expiry|closes|closing|runs out|stops|valid|validity|lasts|lapses|finishes"
)
ENGLISH = Phrases(
    f"""
    ({_DAYS})
    ({_MONTHS})
    ({_FESTIVALS})
    (1st|2nd|3rd) of
    (in|by|till|until|of|from|since|this|next|on) (march|may|sun|sat)
    (march|may) (first|the)
    (tomorrow|tonight|midnight|noon|overnight|fortnight)
    (until|till|untill)
    (by|before|through|thru) (the end|end|close|closing|midnight|noon|next|this|then|tomorrow|tonight|today)
    (this|next|all|every|per|each|the whole|the entire|within the|over the|for the next|the coming|coming|only this) ({_PERIODS})
    (for|in|within|after|over) (a|the next|the) ({_PERIODS})
    (next|following) (day|working day|business day)
    ({_PERIODS}) only
    only (today|this|until|till|for)
    (for|just|only) (today|now) only
    (today|now) only
    just for today
    (last|final) (day|days|hours|hour|date|week|minute|call|chance)
    todays (deal|offer|price|only)
    (end|ends|ending|expire|expires|expiring|expired|closes|over|gone) (today|now|soon|shortly|on|at|in|by|this|next|tomorrow|tonight|with)
    (offer|deal|sale|discount|code|it|this|that|they|which) ({_DEADLINE})
    <fact> ({_DEADLINE})
    ends <fact>
    (valid|validity)
    valid (for|on|till|until|from|through|only|all|any)
    (deadline|deadlines|expiry|validity|expires|expiration|countdown)
    (starts|starting|begins|beginning|opens|opening|launches|launching|arrives|arriving) (on|at|from|this|next|in|soon|today|tomorrow|tonight|now)
    (o clock|oclock|pm)
    (end|start|middle) of the ({_PERIODS})
    (24x7|round the clock|around the clock|day and night)
    (within|in) (hours|minutes|days|seconds|no time)
    same day
    (days|hours|weeks|minutes) (left|remaining|away|to go|only)
    (yesterday|day after tomorrow)
    """
)
HINDI = Phrases(
    """
    (सोमवार|मंगलवार|बुधवार|गुरुवार|बृहस्पतिवार|वीरवार|शुक्रवार|शनिवार|रविवार|इतवार|संडे|मंडे|वीकेंड|सप्ताहांत)
    (जनवरी|फरवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|अक्तूबर|नवंबर|नवम्बर|दिसंबर|दिसम्बर)
    (दिवाली|दीवाली|दीपावली|होली|ईद|नवरात्रि|दशहरा|राखी|रक्षाबंधन|क्रिसमस|नए साल|नया साल)
    (आज|कल|परसों|अभी|रात|शाम|सुबह|महीने|हफ्ते|सप्ताह|अंत|जल्द|दिन|साल) (तक|ही)
    (कल|परसों)
    (इस|अगले|पूरे|हर|सिर्फ इस|केवल इस) (हफ्ते|सप्ताह|महीने|साल|दिन|वीकेंड)
    (सिर्फ|केवल|बस) (आज|कल|अभी|कुछ दिन|कुछ समय)
    (आखिरी|अंतिम) (दिन|मौका|तारीख|घंटे|अवसर)
    (समय|सीमित) (सीमा|समय|सीमित)
    (तक|को) (वैध|मान्य)
    (वैध|मान्य)
    (वैध|मान्य|समाप्त|खत्म) (है|हो|होगा|होगी|होने|रहेगा|रहेगी)
    जल्द (ही) (खत्म|समाप्त)
    (आधी रात|दोपहर)
    (दिनों|घंटों|हफ्तों|महीनों) (में|तक|के भीतर|के लिए)
    (शनिवार|रविवार) तक
    तक
    बजे
    """
)
HINGLISH = Phrases(
    """
    (somvar|somwar|mangalvar|mangalwar|budhvar|budhwar|guruvar|guruwar|shukravar|shukrawar|shanivar|shaniwar|ravivar|raviwar|itwar)
    (aaj|kal|parso|parson|abhi|raat|shaam|mahine|hafte|sunday|saturday) (tak|hi)
    (is|iss|agle|poore|pure|har|sirf is) (hafte|mahine|saal|weekend|week|month)
    (sirf|keval|bas) (aaj|kal|kuch din|kuchh din|aaj ke liye)
    (aakhri|akhri|aakhiri|antim) (din|mauka|moka|tareekh|chance)
    (khatam|khatm|samapt) (ho|hone|hoga|hogi|hai)
    (parso|parson|tarikh|tareekh)
    kal (tak|se|aaiye|aao|milte)
    (tak) (valid|chalega|chalegi|hai)
    (din|ghante|hafte) (mein|me|baaki|baki|tak)
    """
)
IDIOMS = Phrases(
    f"""
    (lovely|great|nice|good|wonderful|happy|beautiful|fantastic|pleasant|cosy|relaxing|joyful) ({_PERIODS}|{_DAYS}|{_FESTIVALS})
    (lovely|great|nice|good|wonderful|happy|beautiful|pleasant) (day|week|weekend|month) (ahead)
    (every|each|any) (day|season|morning|evening|night)
    (on|for|of) a (_|) ({_DAYS}) (morning|evening|afternoon|night|mood|feeling)
    (all|through) the (year round)
    (day to day|day after day|one day|some day|these days|those days|till then|until then|until we meet|till we meet)
    (until|till) (we|you|next time|soon|then)
    for the season
    (for|in) (the|a) (season|new season|day|morning|evening|night)
    this (season|morning|evening)
    in no time
    where (it|they|we|you|that) (ends|end)
    (evening|evenings|story|stories|walk) (ends|end|begins|begin|starts|start)
    (check up|checkup|visit|time|reminder|appointment) for the year
    in a (week|day|year|month) (or so|like this)
    good (morning|evening|night|day)
    (the) (last|other) (day)
    in a (while|long while)
    over the (years|months|weeks)
    (अब|जब|अभी|आज) तक (आपने|आप|हम|का|की|के|सबसे)
    """
)


EUROPEAN = Phrases(
    """
    (montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|wochenende|januar|februar|marz|mai|juni|juli|oktober|dezember)
    (lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|janvier|fevrier|avril|juin|juillet|aout|septembre|octobre|novembre|decembre)
    (lunes|martes|miercoles|jueves|viernes|sabado|domingo|enero|febrero|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)
    (segunda feira|terca feira|quarta feira|quinta feira|sexta feira|janeiro|fevereiro|junho|julho|setembro|outubro|novembro|dezembro)
    (lunedi|martedi|mercoledi|giovedi|venerdi|domenica|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre)
    (maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|januari|februari|maart|juli|augustus)
    (nur heute|bis morgen|bis heute|bis ende|bis zum|demain|jusqu a|jusquau|jusqua|hasta manana|hasta el|ate amanha|fino a|tot en met)
    """
)


PROSE_IDIOMS = Phrases(
    *IDIOMS.lines,
    f"""
    (rainy|lazy|slow|grumpy|sleepy|ordinary|quiet|grey|gray|sunny|snowy|cold|long|gloomy|windy|dull|typical|hectic|foggy|cosy|hungry) ({_DAYS}|{_PERIODS})
    (idea|kind|sort|bit|feeling|taste|smell|dream) of a (_|) ({_DAYS}|{_PERIODS})
    (feels|feel|tastes|taste|smells|smell|sounds|looks) like (a|an|) (_|) ({_DAYS}|{_PERIODS}|{_MONTHS}|{_FESTIVALS})
    (it|this) must be (nearly|almost|already|) ({_DAYS}|{_MONTHS}|march|may|{_FESTIVALS})
    ({_DAYS}) (mood|feeling|blues|soup|pancakes)
    (starts|start|starting|begins|begin|beginning) (on|in|at) (the|a|your|our) (_|) (balcony|sofa|page|porch|windowsill|doorstep|terrace|street|stove|kitchen|couch|cup|garden|pan|bed|oven|forest|hills|sea|river)
    (offer|it|this|that|which|code|both|<fact>|<value>|and|deal|all|they) (_|) (ends|end|ending|closes|close|closing|runs|run|lasts|last|is valid|valid|expires|finishes|available|open|good|is on|on|stops|is open|are open) (on|until|till|by|through|to|) <fact>
    (ends|ending|closes|closing|runs|lasts|valid|expires|finishes|good|available) (on|until|till|by|through|to|) <fact>
    <fact> (ends|runs|lasts|closes) (until|till|on|) <fact>
    (until|till|by|before|through|on) <fact>
    <fact> (तक|tak)
    (तक|tak) .
    (all|this|every|most) (morning|evening|afternoon|year|season|winter|summer|time|week|weeks|mornings|evenings)
    (at) this (hour|time) (_|)
    (all|the whole) (day|week|morning|year) (long|with|about|and|.)
    (in) a (week|day) (_|)
    (the) (week|weekend|weekends|month|day) (is|has|was|gets|goes|feels|and|.)
    (for|of) the (week|year|month|season) .
    (इस|आज) (साल|बार|महीने|हफ्ते|मौसम)
    (हर) (दिन|साल|हफ्ते|सुबह|शाम|रविवार)
    (कल) (की|ही की|रात|शाम) (_|)
    अब तक
    (is|iss) (saal|baar|mahine|hafte)
    (har) (din|saal|hafte|subah|shaam|weekend)
    """,
)


def find(prose: Prose) -> Iterator[Finding]:
    """Dates and deadlines; in prose, a season or a part of the day is none."""
    for phrases in (ENGLISH, HINDI, HINGLISH, EUROPEAN):
        yield from prose.phrases(phrases, idioms=PROSE_IDIOMS)


def find_in_message(prose: Prose) -> Iterator[Finding]:
    """Any word for a date that limits what the manager's message says, and dates with their day, year and time."""
    yield from (prose.finding(*span) for span in find_written_dates(prose.text))
    for phrases in (ENGLISH, HINDI, HINGLISH, EUROPEAN):
        yield from prose.phrases(phrases, idioms=IDIOMS)


DATES = Validator(
    name="date",
    find=find,
    find_facts=find_in_message,
    advice="Write no date, day or deadline such as {found!r}.",
    is_fact=True,
)
