"""Limits moved: words beside a slot that would change what it says, and words that lift a limit."""

from __future__ import annotations

from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases

_THINGS = (
    "order|orders|purchase|purchases|item|items|product|products|style|styles|brand|brands|category|categories|store|stores|"
    "shop|range|collection|catalogue|stock|visit|bill|payment|booking|bookings|service|services|customer|customers|thing|price"
)
LIFTED = Phrases(
    f"""
    (on|off|across|over|for|of|in) (everything|anything|all)
    (everything|anything) (in|is|at|on|from|you buy|you order|we sell|we have) (the|our|store|stock|sale|half|reduced|discounted|now|going)
    (sitewide|storewide|site wide|store wide|all over the store)
    (on|off|across|for|with) (all|any|every|each|the whole|the entire|whatever|whichever) (our|of our|your|the|)( |)({_THINGS})
    (any|every|each) (order|purchase|booking|bill|item|product)
    (no|without) (a|any|)( |)(minimum|maximum|limit|limits|cap|restriction|restrictions|condition|conditions|exclusion|exclusions|exception|exceptions|strings|terms|catch|expiry|time limit|end date)
    (no|not a|without a) (limit|limits|cap|end)
    (unlimited|limitless|indefinitely|unconditional|unconditionally|everlasting|lifetime|lifelong)
    (for|lasts) (ever|life|good|always)
    forever
    (any|every) (time|day|number of times) you (shop|order|buy|visit|come|like|want)
    (as (often|many times|much) as you) (like|want|wish)
    (again and again|over and over|each time|every time|multiple times|as many)
    (minimum|maximum|min|max)
    (applies|applicable|apply to|eligible)
    (your|the) (whole|entire) family
    (शर्त|शर्तें|शर्तों|shart|sharten|sharte)
    (at least|at most|up to|upto|as much as|as little as|starting (at|from)|no less than|no more than)
    (including|excluding|except|even on|plus|also on|as well as on) (all|sale|every|new|the new|selected|clearance|<fact>)
    (terms and conditions|conditions apply|terms apply|t and c)
    (everyone|everybody|anyone|friends|family) you (bring|invite|know|like|want)
    (everyone|everybody|anyone|anybody) (gets|can use|is eligible|will get|who orders|who buys|who comes)
    on (every|any|all) _
    (सभी|हर|सारे|किसी भी) _ (पर|के लिए|में)
    (sabhi|har|saare|sare|kisi bhi) _ (par|pe|ke liye)
    (with|on|for) no (minimum|limit|conditions)
    (सब कुछ|सभी|हर|किसी भी|सारे|पूरे स्टोर) (पर|के लिए|चीज|चीजों|ऑर्डर|खरीद|प्रोडक्ट|उत्पाद|उत्पादों|सामान|खरीदारी)
    सब कुछ (आधे|पर|मुफ्त)
    (कोई|बिना किसी) (सीमा|शर्त|न्यूनतम|लिमिट)
    (बिना शर्त|असीमित|अनलिमिटेड|हमेशा के लिए|जीवनभर|जिंदगी भर|न्यूनतम|अधिकतम|कम से कम|ज्यादा से ज्यादा)
    (sab kuch|sabhi|har|kisi bhi|saare|sare) (par|pe|ke liye|cheez|cheezon|order|kharid|product|products|saman|kharidari|kharidaari)
    (koi|bina kisi|bina) (seema|shart|minimum|limit|condition)
    (unlimited|hamesha ke liye|zindagi bhar|kam se kam|zyada se zyada)
    """
)
BESIDE_A_SLOT = Phrases(
    """
    (up to|from|over|above|under|below|beyond|past|after|before|about|around|nearly|almost|at least|at most) <fact>
    (more than|less than|even more than|not just|not only|another|extra|additional|no|not|never|without|instead of|except|plus) <fact> (more|extra|too|again|<fact>)
    (more than|less than|even more than|not just|not only|another|extra|additional|no|not|never|instead of|except|minus|better than|beats) <fact>
    <fact> (more|extra|again|or more|or less|and more|per|each|every|twice|on|off|higher|lower|back|minus|is over|has ended|no longer|does not|doesnt|isnt|is not|was|were)
    <fact> (is|are|have|has|does|do) (not|over|ended|expired|gone|no|now over)
    <fact> (only|alone|plus)
    (no|without|not) <value> (needed|required|necessary)
    (se zyada|se kam|नहीं) <fact>
    (bis zu|ab|mehr als|kein|keine|ohne|jusqu a|jusqua|plus de|sans|hasta|desde|mas de|sin|ate|mais de|sem|fino a|piu di|senza|tot|meer dan|geen) <fact>
    <fact> (से ज्यादा|से अधिक|से कम|नहीं|खत्म|समाप्त|से पहले|के बाद|se zyada|se kam|nahi|khatam|ke baad)
    """
)
ON_SLOT_IDIOMS = Phrases(
    """
    <fact> (on|off) (the|our) (site|website|app|way)
    (and|about) <fact>
    <fact> on <fact>
    """
)
IDIOMS = Phrases(
    """
    (a little|a bit|more|something|new) (_|) (each|every) time
    (each|every) time (we|it|i|the|you (smile|laugh|look|read|hear|smell|visit|drop|pass))
    (हर) (पल्लू|पन्ने|धागे|सिलाई|कौर|घूँट|निवाले|मोड़|कोने|मौसम|सांस|कदम|दिल|घर|गली|रंग|डिब्बे) में
    (thanks|thank you|grateful) for (everything|all|all you)
    (for|of|in) all (of you|the|your|our|that|those|seasons|ages|occasions|you)
    (thank|thanks) (you|) all
    on (every|any) (day|side|level|occasion|page|front)
    हर (पन्ने|कहानी|रंग|टुकड़े|घर|कोने|चेहरे) (पर|में)
    (as much as) (we|i|they) (do|did|love|have|enjoy|are|like|were|miss)
    (play|playing|come|coming|read|reading|return|returning|visit|visiting|back|us|dance|dancing|here) (_|_ _|) (again and again|over and over)
    हर (मौसम|दिन|पल|मौके|अवसर|मूड|उम्र|घर) (में|पर|के लिए)
    har (mausam|din|pal|mauke|mood|season|umar|ghar) (mein|me|par|ke liye)
    (every|each) time (we|i) (see|think|meet)
    (at least) (once|say|a)
    (for|as) (ever|always) (yours|grateful)
    for good (reason|times|company|measure|taste|friends)
    forever (grateful|thankful|yours)
    for (everyone|anyone) who
    (for|of) all (things)
    (in all) (honesty|colours|colors|sizes|shapes)
    (all) (of us|the best)
    over (a|the|coffee)
    """
)


def find(prose: Prose) -> Iterator[Finding]:
    yield from prose.phrases(LIFTED, idioms=IDIOMS)
    yield from prose.phrases(BESIDE_A_SLOT, idioms=ON_SLOT_IDIOMS)


LIMITS = Validator(
    name="limit", find=find, advice="{found!r} changes what a slot promises; leave it out.", is_fact=True
)
