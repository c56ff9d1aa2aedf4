"""Commitments: what the shop says that it does, or that the reader gets, whatever words it is said in.

A promise has no list of words, but a form: somebody will do something. So a verb after "we will", "you can" or "हम …" is
refused, unless it is one of those that only say how everybody feels: we will be glad, you will love it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from common.guard.commitments_european import find_european
from common.guard.findings import Finding, Prose, Validator
from common.guard.folding import MARKS, word_set, words_of

_WILL = r"(?:['’]ll|\s+(?:will|shall|won['’]?t|can|could|may|would)|['’]d)"
_ADVERBS = (
    r"(?:(?:also|always|gladly|happily|just|simply|even|never|not|hardly|surely|certainly|soon|all|still|now|only|"
    r"personally|really|definitely|probably|perhaps|then|both|each|n['’]t)\s+){0,3}"
)
_WE = re.compile(
    rf"\b(?:we|our (?:team|staff|people|tailors?|shop|store)|someone|somebody)(?:\s+all)?{_WILL}\s+{_ADVERBS}(\w+)(?:\s+(\w+))?",
    re.I,
)
_YOU = re.compile(rf"\b(?:you|everyone|everybody|anyone)(?:\s+all)?{_WILL}\s+{_ADVERBS}(\w+)(?:\s+(\w+))?", re.I)
_THING = re.compile(
    rf"\b(?:it|this|that|these|they|each|(?:nobody|no one)(?: else)?|our \w+|the \w+|this \w+)(?:['’]ll|\s+(?:will|shall|won['’]?t))\s+"
    rf"{_ADVERBS}(\w+)(?:\s+(\w+))?",
    re.I,
)
_WE_DO = re.compile(rf"\bwe(?:['’]re|\s+are)\s+{_ADVERBS}(\w+ing)\b(?:\s+(\w+))?", re.I)
_FOR_THEM = re.compile(
    r"\bwe(?:['’]ve|\s+have)\s+(?:\w+\s+){1,6}?for (?:you|your|our|everyone|everybody|all|each)\b", re.I
)
_YOURS = re.compile(
    r"\byour (?:\w+\s+){1,2}?(?:(?:was|were|is|are|has been|have been) (?:being |already |now |nearly |almost )?"
    r"(?:drawn|picked|chosen|held|selected|kept|put|set|saved|covered|waived|ours|taken|ready|packed|done|due|finished|gone|closed|"
    r"on (?:its|their|the) way)\b|(?:has|have) (?:just |already )?(?:come|arrived|left|gone|landed|shipped))",
    re.I,
)
_YOU_ARE = re.compile(
    r"\byou(?:['’]re|['’]ve|\s+are|\s+have)(?:\s+been)?\s+(?:just\s+)?(?:earned|won|getting|entitled|eligible|upgraded|"
    r"selected|picked|chosen|drawn|one of the (?:lucky|few|first|chosen)|owed|covered|exempt)\b",
    re.I,
)
_YOU_NEED_NOT = re.compile(
    r"\byou (?:get|have) to (?:keep|take|choose|try)\b|\b(?:do not|don['’]?t|won['’]?t|will not|need not|needn['’]?t|never) "
    r"(?:have |need )?(?:to )?(?:pay|wait|worry|sign|queue|return|spend)\b|\bkeep (?:the change|both|it all|them all)\b",
    re.I,
)
_IF_WE = re.compile(
    rf"\b(?:if|when|whenever|should)\b[^.!?\n]{{3,80}}\bwe(?:['’]ll|\s+will)\s+{_ADVERBS}(\w+)(?:\s+(\w+))?", re.I
)
_YOU_WERE = re.compile(
    r"\byou(?:['’]ve|\s+have)\s+been\s+(?:\w+ly\s+)?(?!missed|loved)(?:\w+ed|put|given|drawn)\b", re.I
)
_SERVICE = re.compile(
    r"\b(?!is|are|be|was|were|wrote|write|writing|made|make|feels?|looks?|fits?|and|or)\w+ (?:it|them|these|those|everything|the rest) "
    r"(?:all )?for you\b|\b(?:com(?:e|es|ing)|visits?|turns? up|arrives?|brings? (?:it|them)|rings? the bell) (?:over |round )?(?:to|at) "
    r"your (?:home|house|office|doorstep|gate|desk)\b",
    re.I,
)
_HELPS = re.compile(
    r"\bhelp(?:s|ed|ing)? (?:you|your|them|us|children|kids|babies|plants|the (?:body|skin|mind)) (?:to )?"
    r"(?!choose|find|look|decide|pick|discover|explore|start|begin|browse|see|with|if|welcome|celebrate|select|get|imagine|dream|eat|"
    r"finish|drink|taste|settle|plan|match|style)\w+",
    re.I,
)
_EFFECTS = re.compile(
    r"\b(?:breathe|sleep|think|focus|digest|concentrate|learn|hear|recover|age) (?:much |even |far )?"
    r"(?:better|faster|deeper|longer|stronger|younger|slower|easier)\b|\bclean(?:s|ing)? (?:the|your) (?:air|water|blood|skin|teeth)\b|"
    r"\b(?:good|great|best|better|gentle|kind|safe) (?:for|to|on) (?:the|your|every|all|sensitive)? ?(?:skin|body|heart|eyes|teeth|hair|health|"
    r"bones|back|lungs|gut|stomach|nerves|planet|environment|babies|children|pets)\b",
    re.I,
)
_WITH_EACH = re.compile(
    r"\bwith (?:every|each|any) (?!(?:\w+ )?(?:step|sip|bite|page|season|day|breath|morning|evening|stitch|turn|cup|year|note|smile|wave|stroke|"
    r"word|look|leaf|petal|passing|new|visit|mile|beat)\b)\w+",
    re.I,
)
_WITH_EACH_ELSEWHERE = re.compile(r"\b(?:zu|bei|mit|für|pro) (?:jede[mnr]?|allen)\b|\b(?:con|por|a) cada\b", re.I)
_SCARCE = re.compile(
    r"\b(?:nearly|almost|all but|already|practically|soon) (?:finished|over|done|out|empty|bare|sold|gone|through)\b|\b(?:open|free) to "
    r"(?:all|everyone|anyone|everybody|anybody|those) who\b|\b(?:all|those) who (?:shop|buy|order|spend|join|sign|pay)\b",
    re.I,
)
_OF_YOURS = re.compile(
    r"\byour (\w+) (?:is|are|was|were|has|have|stands?|lies|sits?|waits?|comes?|came|arrived)\b(?! (?:carried|made|been good|started|"
    r"changed|always|brought us|a (?:joy|gift|treat)))",
    re.I,
)
_ORDINARY = re.compile(
    r"\bwe (?:come|drop|pop|call|drive|walk) (?:round|around|over|by|to (?:you|your))\b|\blet us look (?:at|after|over) your\b|\bmeant for you\b|"
    r"\b(?:almost|nearly) (?:all|none|every|half)\b|\b(?:comes?|arrives?|is|are) (?:early|late|first|too late) (?:finds?|gets?|sees?|will|may|misses)\b|"
    r"\b(?:is|are|was|were) already (?:in|on|at|with|inside|waiting|off|out)\b|\b(?:stays?|remains?) open\b|"
    r"\b(?:makes?|keeps?|leaves?) (?:the|your) (?:air|skin|water|hair|teeth|sleep|memory|body|blood) \w+|"
    r"\b(?:is|are) with us (?:all|this|every|on|in the|until|from)\b|\bone of (?:our|the|these|them|those) (?:\w+ )?(?:has|holds|hides|contains|carries)\b",
    re.I,
)
_LITTLE_LEFT = re.compile(
    r"\bthe last (?!leaf|leaves|page|time|visit|light|bite|crumb|drop|sip|line|word|song|chapter|note|days?|weeks?|ray|rays)\w+ "
    r"(?:\w+ )?(?:leaves?|goes|is|are|left)\b|\b(?:it|that|this|all) (?:is|will be) over\b|\bnot many\b|\bany ?more\b|"
    r"\b(?:room|group|class|list|boat) is (?:small|short|long|full)\b|\bwe \w+ (?:it|them|yours) (?:to your|for you|while you|until you)\b",
    re.I,
)
_NEW_GOODS = re.compile(r"\b(?:our|this|these|the shop['’]s) (?:brand )?(?:new|latest|newest) (\w+)", re.I)
_NEW_BUT_NO_GOODS = word_set(
    """
    arrivals arrival things thing collection season seasons year ideas idea favourites favourite friends friend home day morning look looks story
    stories shelf shelves colours ones one shop corner chapter message note mail way adventure week month and with for at
    """
)
_WHAT_IS_YOURS = word_set(
    """
    home house desk windowsill window balcony garden sofa couch kitchen table shelf shelves wardrobe heart soul mind mood smile day days morning
    mornings evening evenings night nights week weekend dog cat pet puppy family friends friend children kids taste tastes style eye eyes ear ears
    nose hands feet opinion voice laugh laughter curiosity imagination chair stool corner time life world street city company presence
    code visit visits trust support love kindness patience loyalty feedback thoughts ideas questions appetite hunger passion
    """
)
_FEELINGS_OF_US = word_set(
    """
    agree resist
    be see love miss think hope wait look remember welcome greet tell listen know meet stay say like enjoy smile care
    want wish feel show help find imagine understand hear assist recommend suggest introduce talk chat share guess hardly forget wear
    barely write let learn admit say read taste laugh dream celebrate put unpack think begin start sit drink walk cook
    bake knit look lend blame ask keep watch choose
    """
)
_WHAT_YOU_DO = word_set(
    """
    be see find love like feel notice recognize recognise know enjoy look smile fall remember want agree take wear come
    visit drop stop browse imagine tell ask reach write reply think discover understand hear meet choose explore walk
    stroll pop wander decide mix match combine style dress layer count rely trust judge guess expect touch try read
    picture sense hardly almost barely thank appreciate relax linger say talk chat let make spot wonder forget turn step
    smell watch follow sit stand lean breathe laugh hum sing dance dream learn practise practice begin start join go
    run stop pick plan hope wish expect write bring guess sniff sip meet rather admit mention miss dress light gather
    recognise greet hang cook bake brew
    """
)
_WHAT_THINGS_DO = word_set(
    """
    be look feel suit match go bring keep warm delight please become remain stay fit sit work catch make stand feel smell
    remind light tell speak surprise welcome find see come love
    """
)
_AFTER_BE = word_set(
    """
    glad happy here there around delighted thrilled pleased waiting open in ready so very more always at with by on
    welcome surprised amazed lovely wonderful nice good great fun a an the just back looking thinking right yours quite
    truly really all able over seeing long too delightful warm cosy cozy soft proud honoured honored touched thankful
    grateful your our my its beautiful busy hard easy
    """
)
_DOING = word_set(
    """
    looking thinking waiting hoping writing getting wondering missing dreaming smiling wishing counting celebrating
    growing knitting working learning trying enjoying feeling starting beginning planning being going coming preparing
    opening unpacking arranging sewing weaving baking cooking reading bringing crossing sharing keeping
    """
)
_AFTER_MAKE = word_set("you a an the it your any every us")
_WITH_A_SLOT = word_set("have get take find use enjoy call ring reach enter apply dial write see bring join")
_HAVE_DONE = word_set(
    """
    seen spotted noticed heard smelled smelt tasted met guessed wondered missed thought walked read felt tried passed
    already known found loved come visited
    """
)
_AFTER_GET = word_set("along to the lost used cosy cozy together started ready")
_FOLLOWED_BY = {"be": _AFTER_BE, "have": _HAVE_DONE | {"a"}, "get": _AFTER_GET}
_IDIOMS = frozenset({("put", "the")})  # a chat, the kettle; a gift has a word of its own
_SMILES = re.compile(
    r"\bmake you (?!smile|happy|feel|laugh|glad|curious|wonder|want|think|hum|dream|grin|fall)\w+", re.I
)
_EVERYBODY_GETS = re.compile(
    r"\b(?:any|every|each|whoever|both|all of)(?:one|body|thing)?\b[^.!?\n]{0,50}?\b(?:gets|get|receives|earns|counts|wins|"
    r"qualifies|is included|are included|is covered)\b|\bcounts? (?:towards?|as|for)\b|\bcomes? with (?:it|them|every|each|all)\b|"
    r"\bon (?:our|the shop['’]s) (?:tab|account|bill|dime|cost|expense)\b",
    re.I,
)
_HINDI_WE, _HINDI_YOU = word_set("हम hum ham"), word_set("आपको aapko apko tumhe tumhein आप aap")
_HINDI_WILL = re.compile(r"(?:ेंगे|एंगे|ूंगा|ूंगी|enge|ange|aenge|oonga|oongi)$")
_HINDI_GETS = re.compile(r"(?:ेगा|ेगी|एगा|एगी|ोगा|ोगी|ega|egi|aega|ayega|oga|ogi)$")
_HINDI_FEELINGS = word_set(
    """
    होंगे मिलेंगे रहेंगे कहेंगे सोचेंगे honge milenge rahenge kahenge sochenge dekhenge देखेंगे सुनेंगे sunenge चाहेंगे chahenge
    सीखेंगे हंसेंगे गाएंगे नाचेंगे झूमेंगे खेलेंगे बैठेंगे घूमेंगे पढ़ेंगे मुस्कुराएंगे हिलेंगे seekhenge hasenge hansenge gayenge naachenge
    nachenge jhoomenge khelenge baithenge ghoomenge padhenge muskurayenge hilenge
    बताएंगे bataenge batayenge दिखाएंगे dikhaenge dikhayenge लगेगा लगेगी lagega lagegi आएगा आएगी aayega aayegi aaega
    """
)
_CALM = word_set(
    """
    बता bata दिखा dikha इंतजार इंतज़ार स्वागत याद मदद intezaar intezar intazar swagat yaad madad खुशी ख़ुशी khushi अच्छा accha acha pasand पसंद
    """
)

_Allowed = Callable[[re.Match[str]], bool]


def _verb_in(verbs: frozenset[str]) -> _Allowed:
    """Whether the verb after the pattern only says how somebody feels, or what the reader does by themselves."""
    return lambda match: _is_calm(match, verbs)


def _is_calm(match: re.Match[str], verbs: frozenset[str]) -> bool:
    """Whether a verb is one of these, or a slot follows it: what a slot says is no promise of the text."""
    verb, *rest = ((word or "").lower() for word in match.groups())
    following = rest[0] if rest else ""
    if verb in _WITH_A_SLOT and match.string[match.end(1) :].lstrip()[:1] in MARKS:
        return True
    if verb in _FOLLOWED_BY:
        return following in _FOLLOWED_BY[verb] or (verb == "be" and following.endswith("ing"))
    return verb in verbs or (verb, following) in _IDIOMS


def _never(_: re.Match[str]) -> bool:
    return False


_FORMS: tuple[tuple[re.Pattern[str], _Allowed], ...] = (
    (_WE, _verb_in(_FEELINGS_OF_US)),
    (_YOU, _verb_in(_WHAT_YOU_DO)),
    (_THING, _verb_in(_WHAT_THINGS_DO)),
    (_WE_DO, lambda match: match.group(1).lower() in _DOING),
    (_FOR_THEM, _never),
    (_YOURS, _never),
    (_OF_YOURS, _verb_in(_WHAT_IS_YOURS)),
    (_ORDINARY, _never),
    (_LITTLE_LEFT, _never),
    (_YOU_ARE, _never),
    (_YOU_NEED_NOT, _never),
    (_IF_WE, _verb_in(_FEELINGS_OF_US)),
    (_YOU_WERE, _never),
    (_EVERYBODY_GETS, _never),
    (_SMILES, _never),
    (_SERVICE, _never),
    (_WITH_EACH, _never),
    (_WITH_EACH_ELSEWHERE, _never),
    (_SCARCE, _never),
    (_HELPS, _never),
    (_EFFECTS, _never),
)


def find(prose: Prose) -> Iterator[Finding]:
    """Commitments, unless the message itself has these words."""
    for pattern, is_allowed in _FORMS:
        for match in pattern.finditer(prose.text):
            if not is_allowed(match) and not _is_of_the_message(match.group(), prose):
                yield prose.finding(*match.span())
    yield from _find_new_goods(prose)
    yield from _find_hindi(prose)
    for finding in find_european(prose):
        if not _is_of_the_message(finding.text, prose):
            yield finding


def _find_new_goods(prose: Prose) -> Iterator[Finding]:
    """ "This is our new tea" in a text for a shop that speaks of no tea."""
    for match in _NEW_GOODS.finditer(prose.text):
        [goods] = word_set(match[1]) or {""}
        known = prose.background.words | _NEW_BUT_NO_GOODS
        if not {goods, goods.removesuffix("s"), f"{goods}s"} & known:
            yield prose.finding(*match.span())


def _find_hindi(prose: Prose) -> Iterator[Finding]:
    """ "हम … देंगे", "आपको … मिलेगा": a clause in which the shop will do something, or the reader will get it."""
    ours = theirs = is_calm = False
    for word in prose.words:
        if word.text == ".":
            ours = theirs = is_calm = False
        ours, theirs = ours or word.text in _HINDI_WE, theirs or word.text in _HINDI_YOU
        is_calm = is_calm or word.text in _CALM
        will = (ours and _HINDI_WILL.search(word.text)) or (theirs and _HINDI_GETS.search(word.text))
        if will and not is_calm and word.text not in _HINDI_FEELINGS and not _is_of_the_message(word.text, prose):
            yield prose.finding(word.start, word.end)


def _is_of_the_message(text: str, prose: Prose) -> bool:
    return prose.background.words.issuperset(word.text for word in words_of(text) if word.text != ".")


COMMITMENTS = Validator(
    name="promise", find=find, advice="Commit the shop to nothing ({found!r}): only slots say what somebody gets."
)
