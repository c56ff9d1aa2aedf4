"""Promises in words: free, half price, guaranteed, refund, win … in English, Hindi, Hinglish and European languages.

Most of these words are never prose. Some only name a subject ("our offer"): they may be used where the message itself
speaks of it (`TOPICS`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases

ENGLISH = Phrases(
    """
    (free|freebie|freebies|freely|gratis|complimentary|comped|foc|bogo|bogof)
    on the house
    (bill|bills|penny|pennies|peanuts|freeloader)
    (our|a) way of saying (thanks|thank you)
    next to nothing
    (earn|earns|earned|earning)
    (reward*|referral|referrals|refer a|refer your|refer friends)
    (mega|big|huge|flat|super|bumper|biggest|massive|steep|raining|blockbuster|monster|crazy) (discount|discounts|sale|sales|deal|deals|offer|offers|saving|savings)
    (sale|sales|deals|discounts) (inside|inside the|everywhere|on now|galore|await|awaits|are on|is on)
    (will|shall|is going to|are going to) (call|phone|contact|visit|email|message|text) you
    no (purchase|order|booking|receipt|card|signup|sign up|registration|subscription)
    (gold|silver|ten|long) (star|year) (rated|warranty)
    (with|our) (our|) compliments
    (we will|well|we are going to|were going to|we would|i will|let us|lets us|we can) (_|) (give|throw|send|bring|hand|treat|reward|match|beat|double|replace|repair|fix|ship|deliver|take it|take them|buy|include|provide|install|extend|gift|present|waive|grant|credit|call|phone|visit|compensate|upgrade|sponsor)
    (we|our team) (gives|give|throw|hand|reward|match|beat|replace|repair|ship|include|grant|credit|sponsor|compensate) (you|in|your|the|a|all|any|every|it)
    (will|shall|can|has|have) be (_|) (sent|shipped|credited|delivered|added|given|applied|refunded|paid|covered|returned|waived|returned)
    (purse|wallet|wallets)
    (take|takes|bring|send|return|swap|exchange) (it|them|anything|things) (back|whenever|any time|anytime|if|within|when|for)
    (return|exchange) (it|them)
    (share|pass|give|forward) (your|the|this|it) (code|offer|deal|discount|on|link|with)
    (your|with|for) (friends|family) (too|as well|also|can use|get|gets|may use)
    all your (friends|family)
    (our|lucky|prize|the|a|big|grand) draw
    (a|our|your|little|small|birthday) present
    receive*
    as (a|our|my|) (thank you|thanks|gift|bonus|reward|treat|surprise|present)
    (you|youll|you will|you can|you may|you shall) (also|even|always|then|now|) (get|earn|collect|save|pocket|bag|grab|score)
    (comes|come) with (a|an|your|extra|the) _
    (on|from) us (today|this|for|all|.)
    (delivery|shipping|coffee|drink|drinks|dessert|lunch|dinner|meal|tea|coat|gift|one|it|this|wrapping|bill|tab|all|round) (is|are|s|comes|) on us
    (delivery|coffee|drinks|dessert|lunch|dinner|meal|gift|one|it) on us
    (is|are|its|theyre|all) on us
    (our|my) treat
    (special|sweet|little|extra) treat (for|waiting|awaits|from|is)
    treat (is waiting|awaits|from us|on us)
    (no|without|zero|free of|nil|any) (charge|charges|cost|costs|fee|fees|payment|payments|price|interest|emi|deposit|obligation|hidden|extra|additional|delivery|shipping|making)
    (no|zero) (questions asked|catch|strings|risk|downside|commitment)
    (at|for) no (charge|cost|extra|additional|price)
    (cost|costs|costing) (you|) (nothing|zero|less|zilch|nada)
    (cost|costs) (nothing|less)
    (wont|not|doesnt|dont|never) (cost|pay|charge|be charged|have to pay|need to pay|owe|spend)
    (pay|pays|paying|paid|payable|payment|payments|repay|prepaid)
    (nothing|less|never) to pay
    (we|well|we will|i|ill|let us|its) (pay|cover|foot|refund|return|give you|hand you|send you|add|credit|waive|throw in|gift|pick up the)
    (throw|throwing|thrown) in
    (yours|it|this) (to keep|for nothing|for keeps|for free)
    (for|with|costs) nothing
    (is|are) all yours
    (waive|waived|waiving|waiver|waivers)
    skip the (bill|fee|queue|line|charge)
    (foot|pick up|cover|settle) the (bill|tab|cost|fee)
    (interest free|pay later|pay in|buy now|easy emi|emi|instalment|instalments|installment|installments|financing|finance)
    (cashback|cash back|moneyback|money back|cash|money|moneys)
    (refund*|reimburs*|rebate*|compensat*)
    (easy|quick|simple|hassle free|day|free|full|no questions|question|instant) (return|returns|exchange|exchanges|refund)
    (return|exchange|replacement|cancellation) (policy|window|guarantee|period)
    (return|exchange|send) (it|them|anything|any item) (back|any|for|within|if|without|at)
    (returns|exchanges) (accepted|are|welcome|anytime|within|on)
    (guarant*|warrant*|assured|assurance|assure|certified|insured|insurance)
    (promise|promised|promises|pledge|vow|swear)
    (win|wins|won|winner|winners|winning|jackpot|lottery|lotteries|raffle|sweepstake*|giveaway|giveaways)
    (lucky|prize|prizes|contest|contests|competition|trophy|bumper)
    (congratulation*|congrats)
    (been|were|are) (selected|chosen|picked|shortlisted|approved|upgraded|promoted|nominated)
    (selected|chosen|approved|eligible|entitled|qualified|qualify|qualifies) (to|for|as|customer|customers|winner)
    (claim|redeem|collect|unlock) (your|it|this|the|a|yours|them|now|instantly|today)
    (redeem|redeemable|claimable)
    (bonus|bonuses|reward|rewards|perk|perks|freebie|incentive|incentives)
    (points|loyalty|wallet|credits|credited|store credit|gift card|gift cards|giftcard|credit)
    (upgrade|upgraded|upgrades|membership)
    (vip|gold|platinum|silver|diamond|elite|premium|premier|preferred|priority|privileged) (member|members|customer|customers|status|tier|card|club|guest|access|service|support|circle|list|pass|level|plan)
    vip
    (early|priority|first|exclusive|private|advance|sneak) (access|entry|invitation|invite)
    (we|weve|we have|i|ive|specially|is|are) (reserved|kept|saved|held|set aside|put aside|blocked) (_|) (for|aside|back)
    (reserved|reserve|reserving|earmarked)
    (held|kept|saved|put|set) (_ _|_ _ _|_|) (aside|back for you|for you)
    (set aside|put aside|held|blocked) (for|just for|only for|specially for) (you|<value>)
    (half|full|fraction|part|third|quarter) (off|price|the price|of the price)
    (off|reduced|reduction|reductions|markdown|markdowns|slashed|slashing|discounted|clearance|liquidation) (your|the|our|all|any|every|everything|selected|price|prices|marked|retail|mrp|for|on|to|.)
    (reduced|reduction|reductions|markdown|markdowns|slashed|discounted|clearance|liquidation|underpriced)
    (money|something|bit|little|chunk|lot|loads|plenty|fifth|tenth|fraction|percent|some|much|more|extra|rupees) off
    (knock*|take|takes|taking|cut|shave|slash) (_|) off
    (knock|slash|drop|dropped|dropping|lower|lowered|cut|cutting) (_|) (price|prices|cost|costs|rates)
    (price|prices) (_|) (drop|dropped|drops|cut|cuts|slash|slashed|fall|fell|lower|lowest|low|down|reduced|rise|higher|match|beat|matched|lock|promise)
    (lowest|best|low|lower|special|unbeatable|cheap|great|wholesale|factory|cost|introductory|throwaway|rock bottom|reduced|new|old|same|better|amazing|crazy|sale) (price|prices|pricing|rate|rates)
    (cheap|cheaper|cheapest|lowest|dirt cheap|unbeatable|priceless)
    (for|at) (the price of|a song|a steal|less|a fraction|peanuts|next to nothing|cost)
    (steal|bargain|bargains|giveaway) .
    (steal|bargain|bargains|a steal)
    save (big|more|money|now|up|even|a|an|on|extra|huge|today|lots|hundreds|thousands|your money|while|instantly|at|with|when|.)
    (saves|saved) you
    (buy|get|take|pick|order) (a|any|one|another|some) _ (and|to|with) (get|receive|take|enjoy|we)
    (buy|get) (a|one|any|another|more|) (get|free)
    (second|next|other|another) (one|item|pair|coat|order|purchase|visit|meal|coffee|product) (is|comes|will be|for|at|on|free|half)
    (extra|additional|more|added|bigger|huge|massive|mega|flat|steep|big) (discount|discounts|savings|saving|benefit|benefits|cashback|points|off|rewards)
    (benefit|benefits|privilege|privileges|advantage|advantages|entitled|entitlement)
    (free|in store|) (trial|trials)
    (a|your|get|claim|free|grab) (sample|samples)
    (tax|gst|duty|customs|toll) (free|waived|included|back|off)
    (price|prices|fare|fares|rates)
    (surprise|surprises)
    (souvenir|hamper|hampers|goodie|goodies|goody|present is|welcome kit|tote)
    (double|twice) (the|your|as|points|up)
    (a|another|one|extra) (helping|round|serving|coffee|drink|dessert|night|month|week|year) (is|are|for) (on|free)
    (same day|next day|express|instant|fast|fastest|quick|speedy|doorstep|home) (delivery|shipping|dispatch|installation|service)
    (as a thank you|as thanks|as a token|token of appreciation|by way of thanks) (_|) (gift|you get|we|enjoy|here|take|there|have)
    (be|is|are) (ours|our guest|our guests)
    (dont|never) (need|have) (to|) (pay|your wallet|a wallet|cash|money)
    leave your (wallet|purse|cards|card) (at home|behind)
    (worth|worthy|valued at|value of|equal to) (a|of|over|up|rs|more|every|.)
    """
)
HINDI = Phrases(
    """
    (मुफ्त|मुफ़्त|फ्री|फ़्री|निशुल्क|निःशुल्क|नि:शुल्क|मुफत|फोकट|कॉम्प्लिमेंट्री)
    (गारंटी|गारन्टी|वारंटी|वायदा|आश्वासन|गैरंटी)
    (वादा|वादे)
    (रिफंड|रिफ़ंड|कैशबैक|कैश|नकद|मनी)
    (पैसे|पैसा|रुपये|रकम|राशि) (वापस|वापसी|लौटा*)
    (इनाम|ईनाम|इनामी|पुरस्कार|जीत|जीतें|जीते|जीता|जीतिए|जीतो|जीतने|विजेता|लॉटरी|लकी|जैकपॉट|प्रतियोगिता)
    (बधाई|मुबारक) (हो आप|हो आपने|आप|आपने|हो)
    (चुने|चुना|चयनित|चुनी) (गए|गया|गई)
    (दाम|दामों|कीमत|कीमतें|कीमतों|क़ीमत|भाव|रेट|मूल्य)
    (सस्ता|सस्ते|सस्ती|सस्ते में|किफायती)
    (भुगतान|शुल्क|पैसे|पैसा|खर्च|चार्ज|ब्याज|किस्त|किस्तों|लोन|कर्ज|ईएमआई|उधार|बिल)
    (बोनस|बोनांजा|रिवॉर्ड|पॉइंट|पॉइंट्स|वॉलेट|क्रेडिट)
    (दुगना|दोगुना|डबल)
    (बचत|बचाएं|बचाइए|बचाओ|बचाएँ)
    (हमारी|कंपनी की) (तरफ|ओर) से (मुफ्त|एक|तोहफा|उपहार|डिलीवरी|चाय|कॉफी|मिठाई|खाना)
    (वीआईपी|गोल्ड|प्लेटिनम|सिल्वर|प्रीमियम) (सदस्य|मेंबर|ग्राहक|सदस्यता)
    (आपको|आपके लिए) (मिलेगा|मिलेगी|मिलेंगे|मिल रहा|मिल रही|मिलता)
    (मिलेगा|मिलेगी|मिलेंगे)
    (ट्रायल|सैंपल|नमूना)
    (बिना|कोई) (किसी|) (शुल्क|पैसे|चार्ज|खर्च|ब्याज|लागत)
    सरप्राइज
    (वापस|वापसी) (करें|करो|की गारंटी|नीति|कर सकते)
    (एक्स्ट्रा|अतिरिक्त|भारी|बंपर|बम्पर|महा)
    """
)
HINGLISH = Phrases(
    """
    (muft|mufat|mufft|muphat|nishulk|nishulka|fokat|phokat|free)
    (garanti|gaurantee|waada|vaada|wada)
    (paise|paisa|rupaye|rakam) (wapas|waapas|vapas|lautaye*|wapsi)
    (inaam|inam|innam|puraskar|jeet|jeeto|jeetiye|jeetein|jeete|jeeta|jeetne|vijeta|jeetenge)
    (badhai|badhaai|mubarak) (ho|aap|aapne)
    (chune|chuna) (gaye|gaya)
    (daam|damo|daamo|keemat|kimat|keemten|qeemat|bhaav)
    (sasta|saste|sasti|sastey)
    (bhugtan|shulk|kharcha|byaj|byaaj|kist|kisht|udhaar|udhar)
    (tohfa|tohfe|tohfaa|uphaar|uphar)
    (bachat|bachao|bachaiye|bachaye|bachayein)
    (aapko|apko) (milega|milegi|milenge|mil raha|mil rahi)
    (milega|milegi|milenge)
    (hamari|humari) (taraf|tarf) se (free|muft|ek|tohfa|chai|coffee|delivery|khana)
    (bina) (kisi|) (shulk|paise|charge|kharche|byaj|byaaj)
    bilkul (free|muft)
    (extra|bumper|bhaari|bhari) (chhoot|chhut|choot|chut|discount|off|bachat)
    """
)
EUROPEAN = Phrases(
    """
    (kostenlos*|kostenfrei*|umsonst|gratisversand|geschenk*|gewinn*|garantie*|versandkostenfrei|rabatt*|ermassig*|reduziert*|gutschein*|halbe|halben|halber|geld zuruck)
    (gratuit|gratuite|gratuits|gratuitement|offert|offerte|offerts|cadeau|cadeaux|gagne|gagnez|gagner|rembours*|remise|remises|moitie|reduction|soldes)
    (gratis|regalo|regalos|gana|ganar|ganador|gane|garantiz*|reembols*|descuento*|mitad|rebajas|rebaja)
    (gratuito|gratuita|brinde|brindes|ganhe|ganhar|garantid*|desconto*|metade)
    (schenk*|verschenk*|spendier*|erstatte*|regala*|regalia*|offrons|offriamo|remboursons|oferecemos|oferec*)
    (omaggio|omaggi|vinci|vincere|garantito|rimbors*|sconto|sconti|meta prezzo|korting|gegarandeerd|cadeautje)
    """
)
IDIOMS = Phrases(
    """
    (rub|rubs|rubbed|take|takes|set|sets|head|heads|wander|wanders|run|runs|rides|ride) off (on|to|into)
    (regalate|regalarse|regalarte|regalarnos) (un|una|unos|algo|_)
    feel free to
    feel free
    (you|youll|you will|you can|you may|we will|well) (always|) get (in touch|cosy|cozy|the idea|to|ready|started|what|lost|a feel|a glimpse|a closer|back to|along|inspired|compliments)
    (we|our team) (give|gives) (you|it|our) (a warm|our best|a smile|best|all|time)
    (we will|well|lets us|let us|we can|we would) (_|) (give you a (warm|hand|smile)|send you (love|warm|our)|bring you (warmth|joy|closer)|treat you like)
    (we will|well|we would|we can) (_|) call (it|you family|home)
    with a free (half hour|hour|moment|afternoon|evening|morning|minute|day)
    (shake|shakes|shrug|kick|dust|peel|brush) off (the|your)
    trial room
    (music|lights|light|phone|alarm|lamp) on (tension|phone|stress|lights|worries|work) off
    (tension|phone|stress|shoes|alarm|lights|work) off
    free (time|half hour|hour|spirit|spirited|flowing|day|evening|moment|weekend|afternoon|morning)
    (are you|if youre|if you are|when youre|when you are|whenever youre|whenever you are|youre) free
    (hands|care|stress|worry|hassle|guilt|fragrance|sugar|gluten|smoke|trouble|crease|wrinkle|cruelty|chemical|dairy|lead) free
    (dont|never|please dont) hesitate
    save (the date|your (seat|spot|place)|some time|time|a seat)
    (pay|paying|pays) (us a visit|attention|a visit|close attention)
    (worth) (a|your|every|the) (look|visit|while|trip|wait|time|minute|second look)
    earn your (trust|smile)
    worth (seeing|trying|exploring|a|knowing)
    winning (smile|team|combination)
    (come|came|drop) (back|by) to (us|our)
    credit to you
    surprise (yourself|someone|us|your)
    premium (quality|fabric|feel|wool|cotton|leather|look|materials)
    (gold|silver|diamond|platinum) (jewellery|jewelry|earrings|ring|rings|necklace|bangles|accents|thread)
    loyalty (means|to us)
    (your|for your) loyalty
    (to our|our) advantage
    take advantage
    from us (all|to you)
    (love|wishes|regards|warmth|hello|greetings) from us
    double (breasted|check)
    (with|for) (love|thanks) from us
    priceless (smile|memories)
    no (hidden agenda)
    contest that
    (वापस) (आइए|आएं|आना|आने|आ)
    (extra|added) (warm|special|cosy|soft|care|comfort|touch)
    lucky to have
    (we are|were|feel) (so |very |truly |)lucky
    take off (to|for|on)
    (take|takes|taking) (a|the|some|your) (day|morning|afternoon|time|load|weight|shoes) off
    """
)

WITH_A_SLOT = """
    (you|youll|you will|you can|you may|we will|well|to|and|also|always|then|now|) (get|gets|getting|save|saves|saving|enjoy|have|take|takes|taking|pay|pays|receive|find|claim) (<fact>|you <fact>|yourself <fact>)
    (gives|saves|gets|brings|will give|will get|will save|lets) (you|your|) (have|get|take|save|)( |)<fact>
    <fact> (is|are|will be|can be) (all yours|yours|ready|waiting|here|for you) (with|when|until|if|.|<value>|<fact>|for|and|at)
    (pay|pays|paying|price|prices|membership|member|join|fee) (is|of|at|for|only|just|starts at|from|stays|) <fact>
"""
PROSE_IDIOMS = Phrases(*IDIOMS.lines, WITH_A_SLOT)

TOPICS: Mapping[str, Phrases] = {
    "discount": Phrases(
        """
        (offer|offers|offered|discount|discounts|deal|deals|sale|sales|saving|savings|promotion|promotions|promo)
        (छूट|ऑफर|ऑफ़र|डिस्काउंट|सेल|डील|ऑफर्स|रियायत)
        (chhoot|chhut|choot|discount|offer|offers|sale|riyayat)
        (angebot|angebote|offre|offres|oferta|ofertas|offerta|aanbieding)
        """
    ),
    "gift": Phrases("(gift|gifts|present for you|तोहफा|तोहफे|उपहार|गिफ्ट|tohfa|tohfe|uphaar|uphar)"),
    "delivery": Phrases(
        "(delivery|deliver|delivers|delivered|deliveries|shipping|ship|shipped|ships|doorstep|डिलीवरी|डिलिवरी|parcel|parcels|package)"
    ),
    "event": Phrases("(workshop|webinar|seminar|masterclass|concert|fair|बैठक|कार्यशाला)"),
}
TOPIC_IDIOMS = Phrases(
    """
    (our|the|my|a potters|the potters|this) workshop (in|smells|is|has|looks|hums|sounds|feels|was|where|window|floor|radio|with|.)
    (no|small|great|good|big) deal
    (deal with|a great deal of|ideal)
    (gift|gifts) (of|for (someone|a friend|friends|mom|mum|dad|family|loved ones|her|him|them|the))
    (perfect|thoughtful|beautiful|lovely|great) (gift|gifts) (for|idea|ideas)
    gift ideas
    (to|we|have) offer (you|our|a warm|warm|you our) (thanks|warm|sincere|heartfelt|best|warmest|help|advice)
    (what|all|much|more|lots|everything) (we|it|to|our shop|the shop|our store) (have to|has to|) offer
    (has|have|had|much|lots|plenty) to offer
    fair (enough|share|weather)
    """
)
_ALWAYS = (ENGLISH, HINDI, HINGLISH, EUROPEAN)


def find(prose: Prose) -> Iterator[Finding]:
    """Promises, and words for a subject that the message does not speak of."""
    for phrases in _ALWAYS:
        yield from prose.phrases(phrases, idioms=PROSE_IDIOMS)
    for topic, phrases in TOPICS.items():
        if topic not in prose.background.topics:
            yield from prose.phrases(phrases, idioms=TOPIC_IDIOMS)


def find_in_message(prose: Prose) -> Iterator[Finding]:
    """Promises that are facts where the manager wrote them; naming a subject is none."""
    for phrases in _ALWAYS:
        yield from prose.phrases(phrases, idioms=IDIOMS)


PROMISES = Validator(
    name="promise",
    find=find,
    find_facts=find_in_message,
    advice="Promise nothing of your own ({found!r}); slots say it all.",
    is_fact=True,
)
