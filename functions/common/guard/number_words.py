"""Numbers in words: English, Hindi in both scripts, and with `text2num` the other languages that it knows."""

from __future__ import annotations

from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.folding import Word
from common.guard.phrases import Phrases

OTHER_LANGUAGES = frozenset({"fr", "es", "pt", "de", "nl", "it"})

_UNITS = (
    "day|days|week|weeks|month|months|year|years|hour|hours|minute|minutes|night|nights|time|times|item|items|piece|"
    "pieces|pair|pairs|product|products|order|orders|rupee|rupees|person|people|customer|customers|percent|off|free|more|"
    "extra|plus|get|hundred|thousand|lakh|crore|million|dozen|coupon|voucher|point|points|seat|seats|spot|spots|purchase"
)
_HINDI_UNITS = (
    "दिन|दिनों|हफ्ते|हफ्तों|सप्ताह|महीने|महीनों|साल|घंटे|घंटों|बजे|गुना|रुपये|रुपए|रुपया|प्रतिशत|फीसदी|लाख|करोड़|हजार|सौ|चीजें|चीज|"
    "खरीदें|खरीदो|खरीदिए|पर एक|के साथ एक|मुफ्त|फ्री"
)
_HINGLISH_UNITS = (
    "din|dino|dinon|hafte|hafton|mahine|mahino|saal|ghante|ghanton|baje|guna|gunaa|rupaye|rupay|rupees|rupaiye|rs|"
    "pratishat|percent|lakh|crore|karod|hazar|hazaar|hajar|sau|log|cheezein|khareedo|kharido|kharidein|free|muft|ka discount"
)
ENGLISH = Phrases(
    f"""
    (two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen)
    (nineteen|twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety|hundred|hundreds|thousand|thousands|zero|nil)
    (million|millions|billion|billions|lakh|lakhs|lac|lacs|crore|crores|dozen|dozens|trillion|score)
    (half|halve|halves|halved|halfprice|quarter|quarters|double|doubles|doubled|triple|triples|tripled|twice|thrice|quadruple)
    (twofold|threefold|tenfold|doubling|tripling|fivefold)
    (third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|thirds)
    (single|one) ({_UNITS})
    (buy|get|plus|with|per|for|only|just|extra|win|and|take|bring|pick) one
    one (coat|shirt|dress|bag|shoe|gift|meal|coffee|drink|item) (free|off|extra)
    (first|second) (order|purchase|one|item|pair|coat|buy)
    (first|second) (hundred|thousand|few|customers|people|buyers|lot)
    once in a lifetime
    couple of ({_UNITS})
    (handful|few) (left|remaining|seats|spots|pieces left|pieces remain)
    """
)
HINDI = Phrases(
    f"""
    (दो|तीन|चार|पांच|पाँच|छह|छः|सात|आठ|नौ|दस) ({_HINDI_UNITS})
    एक ({_HINDI_UNITS})
    एक (पर|के साथ|खरीदने पर) एक
    (ग्यारह|बारह|तेरह|चौदह|पंद्रह|पन्द्रह|सोलह|सत्रह|अठारह|उन्नीस|बीस|इक्कीस|बाईस|तेईस|चौबीस|पच्चीस|छब्बीस|सत्ताईस|अट्ठाईस|उनतीस)
    (तीस|पैंतीस|चालीस|पैंतालीस|पचास|पचपन|साठ|पैंसठ|सत्तर|पचहत्तर|अस्सी|पचासी|नब्बे|पचानवे|निन्यानवे)
    (सौ|हजार|हज़ार|हजारों|लाख|लाखों|करोड़|करोड|करोड़ों|अरब|दर्जन)
    (आधा|आधे|आधी|डेढ़|डेढ|ढाई|अढ़ाई|सवा|पौने|साढ़े|साढे|चौथाई|तिहाई|दुगना|दुगुना|दोगुना|दुगनी|दोगुनी|दोगुने|तिगुना|चौगुना|डबल|ट्रिपल|हाफ)
    (पांच|पाँच|छह|सात|आठ|दस|तीन|चार)
    """
)
HINGLISH = Phrases(
    f"""
    (ek|do|teen|char|chaar|paanch|panch|chhe|chhah|chah|saat|aath|nau|das|bees|tees) ({_HINGLISH_UNITS})
    ek (pe|par|ke saath|ke sath|kharidne par) ek
    (paanch|gyarah|barah|baarah|terah|chaudah|pandrah|solah|satrah|atharah|unnis|ikkis|pachees|pachis|pachchis)
    (chalis|chaalis|pachas|pachaas|saath percent|sattar|assi|nabbe|nabbey|hazar|hazaar|hajaar|hajar|karod|karor|sau)
    (aadha|adha|aadhe|adhe|aadhi|adhi|dedh|dhai|dhaai|sava|sadhe|saadhe|dugna|duguna|dogna|doguna|dugni|dugune|tiguna|chauguna)
    """
)
IDIOMS = Phrases(
    """
    room for one more (_|)
    (on|with|has|have) two (wheels|feet|legs|hands|ears|left feet)
    (two|four|eight) (hands|ears|eyes|wheels|feet|left feet|legs) (_|)
    (tea|breakfast|dinner|lunch|coffee|room|table|cake|a table) for (one|two)
    (papier|livre|jour|air|flambant|tout|cuir|sens|regard) neuf
    (hansi|khushi|mazaa|maza|fun) (double|dugna|duguni) (_|)
    (हंसी|खुशी|मजा) (दुगनी|दोगुनी|दुगना|दोगुना|डबल) (_|)
    (one|two|three) (word|words|breath|breaths|step|steps|song|page|pages|sip|sips|bite|bites|chapter|thought) at a time
    one (word|page|song|chapter|poem|step|breath|sip|walk|smile) (a|per) (day|night|morning|evening)
    deux (mots|pas|amies|amis)
    (dos|tres) (palabras|amigos|amigas|pasos)
    zwei (worte|freunde|freundinnen)
    half the (fun|story|battle|joy)
    half (an hour|hour|asleep|awake|expected|hoping|open)
    (a|one|the first) (_|_ _|) or two
    one or two
    (the|) two of (you|us|them)
    no two (are|_|) (_|) (alike|same)
    four (paws|legs|legged|seasons|walls|corners|winds)
    mil (historias|gracias|colores|cosas|besos)
    दो (पन्ने|पल|बातें|घड़ी|शब्द|दिल)
    do (panne|pal|baatein|ghadi|dil)
    one more (to (explore|read|see|discover|try|love)|reason (to|for|why)|thing|time|story|cup|look)
    (with|by|on|holding|using) one (hand|eye|voice|foot)
    third time
    (two|three) (words|minds|of us)
    (not one to|one of (many|the|our|those|these|a))
    (better|other) half
    second (nature|home|to none|look|thought|thoughts|glance)
    on second thought
    a (second|third) (home|look)
    seventh heaven
    cloud nine
    at sixes and sevens
    (just|only|this|that|for|and|with|is the|the|pick|find) one of (a kind|our|the|us|those|these|your|my|you)
    (and|with|for|just|is) one (another|and all|that|who|which|place|by)
    zero in on
    double check
    three cheers
    high five
    take five
    a thousand thanks
    thanks a million
    third party
    """
)


def find(prose: Prose) -> Iterator[Finding]:
    """Numbers in words; numbers that follow each other are one finding each."""
    for phrases in (ENGLISH, HINDI, HINGLISH):
        yield from prose.phrases(phrases, idioms=IDIOMS)
    if prose.background.language in OTHER_LANGUAGES:
        yield from _find_foreign(prose, prose.background.language)


class _Token:
    """A word as `text2num` reads it."""

    def __init__(self, word: Word) -> None:
        self._word = word

    def text(self) -> str:
        return self._word.text

    def nt_separated(self, previous: _Token) -> bool:
        """Whether a sentence ends between the two."""
        return False

    def not_a_number_part(self) -> bool:
        return not self._word.text.isalpha()


def _find_foreign(prose: Prose, language: str | None) -> Iterator[Finding]:
    """What `text2num` takes for a number above one: `ein`, `un` and `um` are articles, too."""
    from text_to_num import find_numbers

    for number in find_numbers([_Token(word) for word in prose.words], language or "en", threshold=0.0):
        if number.value not in {1, 0}:
            yield from prose.of_words([(number.start, number.end)])


NUMBER_WORDS = Validator(
    name="number_word", find=find, advice="Write no number in words such as {found!r}.", is_fact=True
)
