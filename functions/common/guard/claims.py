"""Claims that no marketing text makes by itself: bad news, health, money trouble, secrets of an account, insults."""

from __future__ import annotations

from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases

PHRASES = Phrases(
    """
    (studies|study|research|science|scientists|tests|trials|surveys|statistics) (show|shows|prove|proves|say|says|find|finds|suggest|suggests|agree)
    (ने|ne) (भी|bhi) (यही|ये|यह|yahi|ye|yeh)
    (भी|bhi) (यही|yahi) (_|) (पहन*|ले|लेते|लेती|pehen*|pahan*|le|lete|leti|peete|khate|khaate)
    (otp|cvv|pin code|pincode|password|passwords|passcode|kyc|aadhaar|aadhar|pan card|iban|ifsc|upi|paytm|phonepe|gpay|netbanking)
    (bank|banking|account|accounts|invoice|invoices|debt|debts|dues|overdue|arrears|penalty|fine of|lawsuit|legal|police|court|customs|tax)
    (verify|verification|confirm your|update your|validate) (_|) (identity|details|account|address|information|card|number|email|kyc)
    (suspend|suspended|suspension|deactivated|deactivate|blocked|terminated|frozen|on hold|held at|withheld)
    (parcel|package|shipment|courier) (is|has|was|held|stuck|waiting)
    (unfortunately|regret to|sorry to|bad news|regrettably)
    (we|were|we are) (sorry|closing|closed|bankrupt|shutting|moving|relocating|out of business)
    (sorry|apolog*) (for|about|that|if|to hear|this|your|our)
    (apology|apologies|apologize|apologise|mistake|mistakes|our fault|delay|delayed|out of stock|unavailable|shortage)
    (we know|we saw|we noticed|we see|we heard|i know|i saw|we learned) (that|) you (live|are|have|were|bought|searched|clicked|opened|looked|spent|paid|moved|got|earn|work)
    (live|living|lives) (alone|with|at|near|in)
    your (husband|wife|spouse|partner|kids|children|child|baby|son|daughter|boyfriend|girlfriend|mother|father|age|birthday|anniversary|wedding|health|weight|income|boss|ex)
    (husband|wife|newborn|boyfriend|girlfriend|birthday|birthdays|anniversary)
    (subscription|membership|order|booking|payment|appointment) (has|is|was|will|number|id)
    last (order|purchase|payment|bill)
    (shop|store|branch|outlet|showroom|office|we) (_|) (closed|closing|shut|shutting|moved|moving|relocated|relocating|burnt|bankrupt)
    (has|have|is|are|been) (_|) (recalled|discontinued|cancelled|canceled|withdrawn|banned|faulty|defective|unsafe|dangerous|poisonous)
    (cancelled|canceled|postponed|rescheduled|void|invalid|revoked|withdrawn)
    (cure|cures|cured|heals|heal|healing|remedy|treats|treatment|therapy|medicine|medicinal|medical|doctor|doctors|clinically|scientifically|proven|fda)
    (lose weight|weight loss|burn fat|slimming|anti aging|anti ageing|detox|immunity|pain relief|back pain|wrinkle free skin|hair loss|hair fall)
    (diabetes|diabetic|cancer|pregnant|pregnancy|disease|illness|diagnosis|diagnosed|depression|anxiety|allergy|allergies|disability|obese|overweight|divorce|divorced|widow|religion|caste|salary|hiv)
    (idiot|idiots|stupid|fool|foolish|dumb|moron|ugly|fat|lazy|loser|losers|shut up|damn|hell|bastard|shit|fuck*|bitch|crap|hate|greedy|poor)
    (kill|die|died|death|dead|suicide|bomb|weapon|gun|drugs|sex|sexy|nude|porn|terror*)
    (slow payer|bad customer|worst customer|blacklist|blacklisted|defaulter)
    (scam|fraud|fake|counterfeit|hack|hacked|hacker|phishing|malware|virus)
    (better|cheaper|superior|best) than (amazon|flipkart|others|competitors|any other|our competitors|all other|the rest)
    (best|number one|leading|largest|biggest|first) (_|) in (india|the world|town|the country|asia|the city|the market)
    (competitor|competitors|amazon|flipkart|myntra|ajio)
    (approved|tested|rated|reviewed|verified|audited|backed|supported) by
    (near|beside|behind|opposite) _
    (award|awards|awarded|iso certified|patented|government|recommended by|endorsed by|trusted by|as seen on|celebrity)
    (loan|loans|mortgage|invest|investment|investments|investing|profit|profits|earn|earning|earnings|income|crypto|forex|shares|stock market|trading|dividend|salary)
    (job|jobs|hiring|vacancy|recruitment|work from home)
    (transfer|deposit|withdraw|send) (_|) (money|rupees|funds|amount|cash|payment|it to)
    (call|dial|phone|ring|text|sms|whatsapp|telegram|signal|message|reply|dm|ping) (me|us|now|this|our|on|at|to|yes|stop|back|with|the|him|her|your|here) (on|at|now|number|yes|with|to|back|for|helpline|hotline|personally)
    (reply|text|sms|send|type) (yes|no|stop|start|win|join|your|back with)
    (whatsapp|telegram|instagram|facebook|twitter|youtube|tiktok|snapchat|linkedin)
    (call|contact|phone|helpline|toll|hotline) (number|free)
    (road|street|lane|nagar|marg|chowk|opposite|landmark|near the|floor|building|plot|sector|mall road|mg road|station)
    (vote|election|party|modi|congress|bjp|politics|prime minister|temple|mosque|church|hindu|muslim|christian|sikh)
    (ओटीपी|पासवर्ड|पिन|बैंक|खाता|खाते|आधार|पैन कार्ड|केवाईसी|यूपीआई|पेटीएम|बकाया|जुर्माना|पुलिस|कानूनी|लोन|निवेश|कमाई|मुनाफा)
    (बंद|खेद|अफसोस|दुर्भाग्य|रद्द|स्थगित) (है|हो|कर|से|होने|हुआ|हुई|गया|गई|किया)
    (इलाज|दवा|दवाई|बीमारी|मधुमेह|कैंसर|गर्भवती|दर्द|डॉक्टर|वजन|रोग)
    (बेवकूफ|मूर्ख|गधे|गधा|पागल|कमीने|साला|साले|बदसूरत|मोटे)
    (व्हाट्सएप|व्हाट्सऐप|टेलीग्राम|इंस्टाग्राम|फेसबुक)
    (कॉल|फोन|संदेश|मैसेज) (करें|करो|कीजिए|भेजें) (नंबर|इस)
    (khata|bakaya|jurmana|nivesh|kamai|munafa|ilaaj|ilaj|dawai|dawa|bimari|bewakoof|bewkoof|pagal|gadha|kamine|saala|saale|murkh)
    (band|radd) (ho|hai|kar|hone|gayi|gaya)
    """
)
IDIOMS = Phrases(
    """
    (mistake|mistakes) (are|is) (welcome|allowed|fine|part|lovely|human|half|how)
    (make|making|made) mistakes
    (street|streets|road|roads|lane|lanes) (is|are|of|smells|smell|ahead|around|outside)
    (on|into|take into|of) account of
    (no|any) account
    (hate|sorry) to (see|miss) you (go|leave)
    (sorry) (we|to have) (missed|not seen)
    (poor) (weather)
    (to|the) die for
    (do|does|what) (the doctor|doctor) ordered
    retail therapy
    (sights|memory) lane
    (down|memory) memory lane
    (we|we are|were) (moving|moved) (by|to hear)
    street (style|wear|food)
    earn (your trust|a smile)
    (party|wedding) (season|wear|looks|outfit|ready|dress|dresses|invitation|wardrobe)
    (the|a|any|every|for|your|or|and|ya|ho|या|हो) party
    party (ho|or|and|ya)
    first (look|glance|love)
    warm (hearted)
    of course
    (call|calls|phone|ring|dial|text|reach|write to|write|email|message|whatsapp|contact|calling|ringing) (us|our team|the team|us back|the clinic|) (on|at|to|now|now on|today on|) (<value>|<fact>)
    (a|quick|one|short) call (to|on) (<value>|<fact>)
    (last|next) (order|visit)
    (the|whole|our|this|quiet|every|on the|across the|down the|along the|open) (street|road|lane|floor|building|station)
    near the (window|door|fire|river|stairs|entrance|kettle|sea|hills|garden|counter|back|front|till|shelf|coffee)
    we moved (the|our|a|some|things|everything) _
    (sorry|apologies) (we|to have) (missed|not)
    near (you|us|your|home|the heart|me|to|and|or|future|our hearts)
    (beside|behind) (you|us|the|every|our|your|it|this)
    """
)


def find(prose: Prose) -> Iterator[Finding]:
    """Claims, unless the message itself uses these words."""
    for finding in prose.phrases(PHRASES, idioms=IDIOMS):
        if not prose.is_of_the_message(finding):
            yield finding


CLAIMS = Validator(name="claim", find=find, advice="Leave out {found!r}: the message does not say it.")
