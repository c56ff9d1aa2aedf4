"""Assertions: closed lists of what prose may say with the small words that every promise needs.

Who gives, keeps, brings or holds something, what is not needed, who else has none, what happens if: each such word may
stand only in the phrases below, or beside a slot. So a promise needs no list of its own; it needs an allowed phrase.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator

from common.guard.assertions_hindi import find_hindi
from common.guard.findings import Finding, Prose, Validator
from common.guard.languages import MAYBE_HINDI
from common.guard.phrases import Phrases

TRANSFER = """
    (give|gives|gave|given|giving|keep|keeps|kept|keeping|take|takes|took|taken|taking|bring|brings|brought|bringing|send|sends|sent|sending|put|puts|putting|hold|holds|held|holding|hand|handed|handing|leave|leaving|lend|get|gets|got|getting|gotten|throw|throws|threw|lets|share|shares)
    let (us|you|our|the|them|it|me|him|her)
    (add|adds|added|adding|carry|carries|carried|wrap|wraps|wrapped|serve|serves|served|pour|pours|poured|offer|offers|offered|pack|packs|packed|drop|drops|dropped) (you|your|yours|it|them|one|two|another|something|everyone|everybody)
    (youll|you will|you can|you may|you could|and|to|also) have (it|them|one|this|that|both|another|all|everything|more|yours|your|as|whatever|two|until)
    (have|has|had|weve|having) (it|one|them|yours|your|another|a place|a seat|a table|a spot|a room|a piece|a pair|a copy|room) (ready|made|with|back|in|by|for|sent|wrapped|waiting|set|put|kept|on|at)
"""
NEGATION = """
    (no|not|never|nothing|nobody|none|noone|without|nowhere|neither|nor|dont|doesnt|didnt|wont|cant|cannot|isnt|arent|wasnt|werent|havent|hasnt|hadnt|wouldnt|couldnt|shouldnt|neednt|aint)
"""
CONDITIONS = """
    (if|unless|should|whoever|whatever|whichever|whenever|wherever|provided|otherwise|even if|even though|although|in case|as long as|so long as)
"""
OWNERSHIP = """
    (yours|ours|theirs|hers|mine)
    (second|third) (one|cup|pair|piece|coat|visit|time|plate|bag|book|box)
    (another|extra|spare) (one|pair|cup|piece|set|coat|bag|book|box|mango|plate|night|week|day)
    (on|in) (your|our) (name|ticket|plate|bag|tab|account)
    your (name|initials|number|address|date|details|card|file|files|records|results|history|size|measurements|parents|age)
"""
HISTORY = """
    you (came|bought|brought|tried|had|got|took|chose|picked|ordered|visited|left|asked|told|wrote|liked|loved|enjoyed|looked|read|wore|used|joined|started|began|met|went|did|needed|wanted|always|usually)
    (youve|you have) (been|bought|tried|had|got|taken|chosen|picked|ordered|visited|left|asked|told|worn|used|already|just|always)
    your (old|last|previous|usual|recent|former|earlier) _
"""
STATES = """
    your (basket|cart|bag|bags|box|order|list|seat|table|place|spot|turn|pair|piece|copy|room|size|slot|booking|card|plan|subscription|trial|time) (is|are|has|have|was|were|waits|awaits|ends|runs|comes)
    (means|counts as|stands for|refers to|amounts to|extends to|covers)
    down to (a|an|the|our|one|two|just|only|these|those)
    handful
"""
STOP = """
    (stop|pause|quit|cease|end|leave) (writing|mailing|messaging|sending|these|them|this|it|us|bothering|hearing|emails|mails|messages|receiving|getting|here|the list|our list)
    (let us know|tell us|write us|write to us|drop us|say|answer|reply|respond|send us|type|write) (_|_ _|_ _ _|_ _ _ _|) (stop|no|bye|goodbye|out|quit|leave|enough|remove|end|opt)
    (opt|sign) (out|off)
    (forget|remove|delete|erase|drop) (you|your|us) (_|) (.|address|from|list)
    (hear|hearing|mail|mails|letters|messages) (from us|) (no more|any more|anymore|less)
    no more (mail|mails|messages|letters|of this|of these|from us)
"""
HINTS = """
    (another|both|else|elsewhere|extra|spare|double|doubles|twice|same|second|third|fourth|rest|remainder|single|whole|full|entire|half|alone|only|anyone|anybody|anywhere|forever|less|fewer|least|than|enough|instead|besides|either)
    (more|most|every|each|all|any|everything|anything|everyone|everybody|always|still|already|too|yet|own|best|longer|ever|free)
    (minute|minutes|hour|hours|week|weeks|month|months|decade|decades|last|lasting|long|longer|quick|quicker|quickly|fast|faster|early|earlier|late|later|soon|sooner|now|today|night|day|days|year|years|morning|afternoon|evening)
    (farm|farms|natural|naturally|original|originals|genuine|rare|perfectly|pristine|vintage|heritage|tough|signed|numbered)
"""
PEOPLE = """
    (tailor|tailors|nurse|nurses|author|authors|writers|rider|riders|driver|drivers|packer|packers|craftsman|craftsmen|technician*|stylist|stylists|insurer*|agent|agents|surgeon*|dentist*|founder*|owner|owners|guide|teacher|instructor*|butler*|concierge*|attendant*|mechanic*|engineer*|manager*|director*|cobbler*|jeweller*|jeweler*|goldsmith*|barber*|master|masters|veteran*|celebrity|star|champion*|physio*|nutritionist*|dietician*|coach|host|hostess|himself|herself|themselves)
    (someone|somebody|one of (us|our team|them|the team)) (will|is|can|from|waits|comes|calls)
    (pool|sauna|steam|locker|lockers|towel|towels|parking|valet|wifi|creche|lounge|socks|apron|cookie|cookies|dessert|snack|snacks|mug|stamp|stamps|loyalty (card|points|programme|program|stamp)|polish|polishing|resiz*|engrav*|hemming|hem|hems|sharpen*|battery check|screen guard|cover|case|charger|refill|refills|topping|toppings|shots)
"""
PROVENANCE = """
    (estate|organic*|pure|purest|purity|chemical*|pesticide*|preservative*|additive*|hallmark*|assay*|certif*|handpick*|single origin|imported|ripen*|vegan|gluten*|inspected|inspection*|graded|karat|carat|vetted|audited|ethic*|fairtrade|sustainab*|recycl*|carbon|cruelty*|untouched|unadulterated|authentic|spotless|flawless|pristine|rarest)
    (made|built|cut|sewn|woven|picked|sourced|roasted|baked) (only|just|by hand|from|with|once|in|without|entirely)
    (minus|degrees|degree|below zero|subzero|zero|percent)
    (gleam*|sparkling|like new|good as new|as new|brand new|shrug|sturdy|proof|resist*|withstand*|survive*)
"""
ALLOWED = Phrases(
    """
    let us (go|introduce|wander|sit|drift|brew|cook|bake|plant|grow|play|laugh|sing|learn|pause|linger|stroll|slow|step|toast|imagine|remember|open|fill|look|dive|try|hope|wish|dance|breathe|meander|marvel|cuddle)
    (let|lets) you (be|decide|judge|guess|imagine|dream|breathe)
    (carry|carries|carried) you (through|along|away|home|far|back|up|down|over)
    (nobody|no one|noone|none of us) (is (too|ever|really|perfect|quite|watching|looking|counting|judging|awake|here|born)|needs (to know|anything from you)|minds|notices|judges|asks|mentions|remembers|counts|sees|looks|listens|knows|wants)
    no (hurry|engine|timetable|clock|alarm|map|recipe|umbrella|filter|shoes|signal|signals|agenda|schedule|appointment|homework|grown ups|boss|hands|wind|cloud|clouds|rain|snow|sun|sound|sounds|traffic|small talk|race|races|talent|experience) (_|)
    without (holding|pointing|looking|thinking|blinking|speaking|knowing|noticing|hesitation|hesitating|moving|rhyme|rhythm|makeup|shoes|laughter|music|sugar coating|coffee|tea|chocolate|a (word|sound|map|plan|care|goal|hurry|smile|book|song))
    (does not|doesnt|do not|dont|did not|didnt) (_|) (make (us|you|it|life|_er|smaller|bigger|brighter|lighter|warmer|sweeter)|feel|look|sound|taste|smell)
    (not) (so|too|very|all that|half|entirely|exactly|quite|really|always|just|only|even|far|everybody|everyone|every _|the (only|end|least|loudest|same)) (_|)
    (practise|practice|tell us|write|name|share|imagine|discover|describe) yours
    (miss|missed|remember|hear|heard|hearing|saw|see|seeing|spotted|spot|say|saying|spell|know|love|read|wrote) (_|) your name
    (thick|warm|woolly|wool|odd|fuzzy|cosy|wet|holey|striped) socks
    (chipped|old|favourite|favorite|big|warm|hot|steaming|empty|full|trusty|battered) (_|) mug
    (in|into|from|around|over|to) (your|a|my|the) (_|) mug
    (a|our|the|my) (teacher|guide|host|coach|owner|stylist|driver) who (loves|likes|sings|laughs|hums|dances|tells|knows|never)
    (collect|collects|collecting) stamps
    (the|your|a|one|each|every|our) (cuff|jacket|pillow|quilt|duvet|blanket) cover
    (winter|cold|night|evening|mornings|mondays|problems|worries|time) (does|do) not
    long time no see
    nothing (_ _|_ _ _|_ _ _ _|_ _ _ _ _) like
    ours (dream|dreams|love|loves|like|likes|is full|are full|too|smells|smell)
    (do not|dont|does not|doesnt) (_|) have to (be (fast|perfect|an expert|young|old|loud|good|brave)|know|hurry|rush|run|dance|sing|look far|go far|be)
    not enough (_|)
    (never|not) enough (cuddles|hugs|time|books|hours|stories|love|sunshine|laughter)
    every single (_|)
    no (screens|phones|noise|plans|rules|excuses|alarms|meetings|emails|pressure|rush|hurry|stress|worries|words|agenda|traffic|deadlines) (_|)
    never (interrupt|interrupts|complain|complains|judge|judges|argue|argues|gossip|gossips|talk back|answer back|sleeps|grow up|grew up|dull|boring)
    (could|can) (not|hardly|never) (agree|choose|decide|stop (smiling|laughing|reading|dancing|talking)|wait|resist) (on|between|which|what|)
    (in|with|to|by|from|of|under) (_|) (hand|hands) (_|)
    (your|my|our|small|little|tiny|both|a|the|one|other|every|own|steady|warm|cold|left|right|busy|clever|muddy) (hand|hands)
    (find|found|discover|choose|pick|meet|see|spot|make|where is|which one is) yours (at|in|here|on|today|among|)
    yours to (use|explore|discover|enjoy|wear|read|taste|try|make|tell|write) (<fact>|<value>|)
    let (them|it|him|her|your (little ones|children|kids|thoughts|imagination|hands|feet)) (_ |)(build|dream|play|explore|imagine|wander|sleep|grow|bloom|shine|wonder|dance|sing|create|speak|inspire|surprise|breathe|rest|roam|run|simmer|brew)
    (bring|brings|brought|take|takes|took) (_|_ _) back to (childhood|life|mind|the|our|your|those|that)
    (give|gives|gave) (_|_ _|_ _ _) (a moment|a smile|a hug|a wave|a new life|a home|some love|a little love|a thought|pause|room to breathe)
    (take|takes) (a|it) (breath|seat|break|rest|nap|step|bow|leap|slow|easy|from here)
    simply put
    pack your (bag|bags|basket|picnic|suitcase|book|books)
    (youve|you have) always (had|been) (a|so|such|great|good|kind|lovely|dear|wonderful|an|there|our|part)
    lets get you (ready|warm|cosy|comfortable|started)
    means (a lot|so much|the world|much|everything|more than|that|it is)
    down to (the (sea|river|shore|beach|lake|last detail|garden|water|village)|our (toes|tiptoes|bones))
    (has|have) been a while since your last visit
    we have you (covered|in mind|in our hearts)
    (you have|youve) been on our (minds|mind)
    (welcome|glad|happy) (_|) you have (joined|come|found) (us|)
    (glad|happy|pleased|lovely|thrilled|delighted|grateful|thankful|good|nice|great) (that|) you (came|joined|found|met|chose|started|began|went)
    (while|since|if|what|when|where|how|the day|until) (did|) you (came|read|did|began|started|had|left|went|wore|loved|liked)
    (hope|hoping|if|as if|like) you (have|ve|had|enjoyed|loved|liked) (_|)
    (hope|hoping) (youve|you have) been (well|keeping well|good|fine|great)
    how (have you|youve|you have) been
    (your|the) old (friend|friends|self|favourite|favourites|habit|habits)
    (say|says|saying|said) (yes|hello|hi) (_|_ _|_ _ _|) (no|out|end|enough|leave|bye)
    will never (forget|tire|get tired|grow tired) (_|)
    (can|could) hardly (wait|believe)
    (we|i|you) cannot blame (her|him|them|us|you)
    the (one|ones|place|thing|book|page) (_ _|_|) kept coming back to
    <fact> (is|are|waiting|waits) (yours|all yours)
    (give|gives|get|gets|take|takes|bring|brings|have|has|add|adds|keep|keeps|put|puts|for|with|enjoy|and|save|saves|use|apply|grab|hold|holds|carries|carry) (you|it|in|on|to|)( |)(<fact>|<value>)
    (<fact>|<value>) (gives|gets|takes|brings|will take|will give|will get|will bring|can take|lets|adds|still|also|holds|carries) (you|off|it|)( |)(<fact>|<value>|.)
    (youll|you will|you can|you) (have|get|take|enjoy|find|use) (<fact>|<value>)
    to (get|take|have) (<fact>|<value>)
    (do|would|will|can|could|did) you (take|have) (it|yours|your) (_|)
    take* (your|a|another|our|the) (_|) (first|quiet|good|close|closer|long|quick) (look|peek|glance|moment|walk|stroll|sip|bite|breath)
    (let|lets) (the|your|our|a) (_|_ _) (tempt|surprise|inspire|warm|charm|speak|sing|carry|guide|lead|greet|welcome|delight|wander|rest|brighten|begin|start|melt|do) (you|us|it|your|the|.)
    (put|puts) (the|your|that|this) (phone|laptop|book|newspaper|list|work|day|worries|world) (away|down|aside|on hold)
    (love|like|want|happy|eager|glad|here) to (share|show) (it|them|this|that|these|those) (with you|to you)
    take* (your time|pride|inspiration|note|heart|part|shape|shelter|comfort|pleasure|delight|time|us back|you back|me back|in the|it all in|it in|it slow|it slowly|it easy|centre stage|root|flight|off (your|that|the))
    take* (a|an|another|one|some|the|) (_|) (look|moment|peek|seat|break|breath|walk|stroll|trip|bite|sip|bow|glance|turn|pause|stand|rest|nap|wander|lead|time|minute)
    (took|taken|taking) (a|an|another|some|our|my|) (_|) (look|moment|break|walk|time|while|bite|sip|turn)
    (take|taking) good care
    (take|taking) care (.|and|until|we|of yourself|yourself|of each other|stay|see)
    (and|please|do|always) take care
    (take|took) (up|to) (a|knitting|yoga|reading|running|the|it|it like)
    (what|as|all) it takes
    (takes|take|took) (practice|patience|courage|a village|time|effort|shape)
    take* (your|my|our|it|them) (coffee|tea|chai|time|pick|place|chair|seat) (_|.)
    take* (it|them|life|things) (slow|slowly|easy|one)
    take* (one|a) (page|step|sip|breath|bite|day) (_|)
    give* (it|them|this|these|that|those) (a|some|another) (try|go|thought|look|home|whirl|chance|moment)
    give* (rise|birth|voice|meaning|off|back a smile)
    give* (us|me) (a call|a ring|your opinion|your thoughts|a shout|a wave|a smile|so much|joy|joy|hope|energy|reason|a reason|strength|great joy)
    give* (yourself|it|you) (a|an|some|that|time|room|permission|warmth|colour|the) (_|) (lift|glow|moment|touch|break|treat|time|look|life|rest|hug|warmth|smile|start|feel|feeling|reason|pause|space|joy|glimpse|idea|peek)
    give* (your|any|every|the|winter|each) (_|) (a|an|some|that) (_|) (lift|glow|touch|look|life|warmth|smile|start|feel|character|twist|charm|feeling|refresh|spark)
    given over (entirely|wholly|)( |)to
    (give|gave|giving) (in to|way to|thanks|life to|back to the)
    (is|are|s|re|been|was|were|days|evenings|mornings|nights|it|weather) getting _
    get* (cosy|cozy|ready|lost|started|comfortable|inspired|creative|together|to know|to see|away|outside|back|in touch|along|here|there|older|colder|cooler|warmer|longer|shorter|chillier|better|busy|busier|dark|hungry|excited|carried|moving|the idea|dressed|through|tired|old|out|up|going|a feel|a glimpse|a taste|a chance|an idea|closer|under way|into|in the mood|hold of us|your hands dirty|off|on with)
    (life|days|evenings|mornings|nights|it|things|the days|the air|everyone|we all|weather) (_|) (get|gets|getting) _
    (cant|cannot) get enough
    (weve|we have|you have|youve|has|have) got (something|so much|plenty|a soft spot|good taste|great taste|style|an eye|you covered|a feeling|news|a story|the kettle)
    got (you|us|me) (thinking|smiling|talking|wondering|humming|dreaming|dreaming of)
    (keep|keeps|kept|keeping) (you|yourself|us|them|things|it|everyone|your (feet|hands|toes|ears|neck|home|heart|loved ones|family|day)|each other) (warm|cosy|cozy|company|going|smiling|cool|comfortable|dry|toasty|snug|posted|inspired|glowing|simple|light|fresh|short|real|brief|casual|calm|in mind|in touch|in our thoughts|in our hearts|up|coming|curious|moving|busy|guessing|reading|turning pages|awake with)
    (keep|keeps|kept|keeping) (its|their|a|our|the|some|that|any|many|)( |)(secrets|secret|promise to yourself|exploring|growing|shining|learning|moving|dreaming|dancing|reading|thinking|wondering|looking|smiling|coming|company|in touch|in mind|warm|cosy|calm|an eye out|an eye|an open|up|turning|going|busy|out the (cold|chill|wind)|kettle on|lights on|door open|fire going|memories|pace|us going|story going)
    (hope|hoping|hopes) (_ _|_|) (are|been|youre|you are|have been|re|is|all) (_|) keeping (well|warm|dry|busy|cosy|cool)
    keep* (well|saying|asking|talking|touching|laughing|humming|making|finding|discovering|writing|wanting|trying|working|telling|going back|it all|faith)
    (kept|keep|keeping) (you|your (spot|place|seat|chair|mat|name|table)) in (our|mind)
    (keep|keeps|kept) (the|out the|off the) (cold|chill|wind|rain|kettle|fire|lights|conversation|memories|magic|spirit|door|warmth|story) (out|away|on|warm|going|alive|open|at bay|in|)
    bring* (a|an|your|the|some|along a|along your|along) _
    bring* (a|your|the|some|along a|)( |)(friend|friends|family|someone|loved one|loved ones|mother|sister|questions|ideas|curiosity|appetite|smile|kids|children|little ones|neighbour)
    bring* (us|everyone|people|the family|friends|families|back|out|in|home|together|joy|warmth|colour|color|comfort|life|to life|new life|a smile|smiles|memories|a little|a touch|some colour|some warmth|some joy|the season|the outdoors|happiness|good|so much|light|cheer|good cheer|to mind|with it|the winter) (together|joy|warmth|comfort|colour|happiness|home|memories|the best|the colours|closer|smiles|good|warm|a smile|cheer|of|to|luck|back|in|new|a|so much|our|the|fresh|indoors|that|some|winter|.)
    bring (yours|it|them|your (tablet|phone|screen|device|watch|old one|bag)) (in|along|to us|to <value>|round|by|over|and|.)
    (was|were|it was) _ (_|) you brought us
    bring (<value>|<fact>|the code) (along|with you|for|and|.)
    (bring|brings|brought) you (joy|warmth|comfort|closer|a smile|a little joy|happiness|peace|sunshine|good|back|here|something warm|something new|in|by|to us|our|news|the news|this|to)
    send* (us a|us your|us your|our|you (our|all our|love|warm|a warm|a hug|good|best|warmth|sunshine|a little note|this|a note|a smile)|warm|best|love|greetings|hugs|regards|a hug|a smile|sunshine|their|their best|a little warmth|good wishes|wishes|word|this|smiles)
    put* (the|our|a|some|more|new) (_|_ _) (on|in|up|by|near|out|together|down|to) (the|a|our|.|and|display)
    put* (the kettle|a smile|our feet|your feet|our heart|our hearts|so much|a lot of|all our|thought|love|care|it (simply|into words|on|all on)|them on|simply|in words|together (a|some|the|with|our|something|new)|on (your|a|the|some|something|our|music|one|it)|off|out the|up the|up your feet|into (it|every|each|this|words|making)|a spring|down your|heart|down the|down)
    (simply|to) put (it|simply)
    leave* (the (house|city|office|rest to the imagination|umbrella)|it at that|home|work|town|time|early|your (umbrella|shoes|coat|laptop|work))
    leave (you|us|everyone)( |)(feeling|smiling|speechless|wanting|inspired|warm|glowing|with a smile|happy|curious)
    leave* (feeling|smiling|happy|inspired|with a smile|room|the (cold|noise|stress|world|day|chill)|your (worries|stress)|behind the|a (smile|trace|note)|us a|a note)
    hold* (a|your|the) (warm|hot|good|) (cup|mug|book|page|umbrella|hand)
    hold* (hands|on to|dear|a special place|a place|special|you dear|close|a dear|that thought|memories|a memory|so many|many|stories|its own|their own|the (memory|warmth|scent|promise of spring)|still|on)
    (hand in hand|by hand|on hand|at hand|hands|first hand|close at hand|on the other hand|your hand|a hand|a helping hand|lend a hand|give you a hand|lend an ear|hand knitted|hand woven)
    let us (know|show you|show you (around|round|the)|tell you|welcome|introduce|help you (find|choose|look|decide)|celebrate|make (it|this|the)|surprise you|hear|warm|inspire|be|meet|catch|see|walk|talk|raise|begin|start|enjoy|keep you (warm|company)|get you ready)
    lets (make|meet|get|talk|catch|celebrate|see|begin|start|welcome|be|have|enjoy|find|explore|raise|keep|go|take|share|say|light|read|walk|cook|dance|dream)
    (lets|let) (you|your|it|them|the) (in the light|outfit|imagination|mood|mind|heart|eyes|senses|colours|day|evening|season|story|fun|know|cold|rain|weather) (_|_ _|.)
    share* (a (cup|story|moment|smile|laugh|few|little|table|meal|thought|chat)|your (thoughts|story|stories|style|ideas|favourite|favourites|look|day)|our|the (joy|story|love|news|warmth|moment|table|season|good)|with you|with us|what|it with us|them with us|stories|this (with you|moment|season|joy|news)|some|joy|smiles|good)
    add* (a|an|some|new|fresh|more|a few|so|warmth|colour|color|depth|character|texture|sparkle|charm|life|that|the|just|to the|up|it to your|one to your (evening|day|shelf)|your own)
    (pour|poured|pours) you (a|another) (coffee|cup|tea|drink|chai)
    wrap* (yourself|you|up|around|it around|in)
    (wrap|wraps|wrapped) (you|it|them) (in|up in|around)
    walk you (through|around)
    (we|i|and) (have not|havent|haven) (seen|heard|poured|met|had|talked|spoken|said|written|been|caught) (_|_ _|_ _ _|)
    (you|it) (have not|havent|haven|hasnt|has not) (been|visited|come|seen|tried|met|stopped|dropped|stepped|had|tasted|ordered|shopped|joined|read|already|yet) (_|_ _|)
    (have not|havent|haven) (you|we) (seen|met|been|heard|noticed)
    (no) (photograph|picture|photo|screen|word|map|book) (can|could|does) (_|)
    never (tire|get tired|have enough) of
    (no|not) (doubt|wonder|matter|pressure|rush|hurry|stranger|surprise|secret|time like|place like|end of|better time|better way|better feeling|words|two|ordinary|your usual|yet|a day|quite|just|so|far|long|to mention|too|only|much|forgotten|at all|too late|what it was|to miss|to be missed|the same without|every day|often|always|sure (what|where|which|how)|even|everything|long ago|many|the only one)
    (do not|dont|never|please dont|please do not) (miss|forget|hesitate|be (a stranger|shy)|let|stop|wait|think|worry .|mind if|know|we|you|just|see|need an excuse|need a reason|get|go|take our word|tell|dress|say|look)
    (will not|wont|cannot|cant|can not|could not|couldnt) (wait|help|stop|forget|decide|think|imagine|quite|resist|believe|be happier|be more|hurt to|help but|say|hide|find|tell|make up)
    (does not|doesnt|did not|didnt|is not|isnt|are not|arent|was not|wasnt|would not|wouldnt) (it|that|this|have to be|need to|the same|been|feel|quite|only|just|always|so|yet|want|like|know|hurt|far|mind|time|forget|sound|you|expect|they|there|winter|life|look|long|see|say|much|hear|stop|think)
    without (you|your|a|fuss|the|words|even|thinking|saying|rush|rushing)
    nothing (beats|says|feels|like|quite|makes|warms|compares to (a|the|you)|brings|better|more than|but (love|good)|in the world|is|fancy|too|against|tastes|smells|sounds)
    (theres|there is|there are) (nothing|no) (like|quite|better|rush|place|hurry|time|wrong)
    (nobody|no one|none) (like you|knows|else quite|of us|wears|tells|laughs)
    never (too|been|looked|felt|better|far|forget|tasted|a|gets|goes|quite|before|met|out of|seen|really|mind|thought)
    if (youre|you are|you have|youve|you like|you love|you enjoy|you want|you would|you wish|you prefer|you fancy|you can|you ever|you need|you happen|you get a|you feel|you pass|you know|you do|you think|you ask|you missed|you remember|you look|you were|you havent|you haven|we|i|anything|something (catches|speaks|calls|feels|tempts)|yours has|the (mood|weather|sun|rain|day|evening|cold)|there is|theres|it (is|suits|feels|rains|helps|has|sounds|all)|life|your (day|week|wardrobe|mood|evening|tablet|phone|screen|heart|weekend|mornings)|so|not|only|that|this (sounds|is|feels)|time|memory|walls|coats|mornings|possible|ever)
    (whenever|wherever) (you|it|the|life|your|we|suits|that)
    whichever (you|way|one you|suits|feels)
    whatever (the|your|you (like|feel|are|love|fancy|do|wear)|suits|feels|season|mood|life|brings|it)
    should (you (have|need|ever|like|wish|pass|be|find|feel|want)|be|feel|see|have|look|come|taste|start)
    (you|we|it|winter|coffee|that|this|what|one|mornings|evenings) should
    (in case (you|of)|even (if it|though|the|more|better|you|on|as|now|when|that|so|closer|softer|warmer|a|just|before|in)|although (we|it|you|the))
    (all|just|always|forever|and|warmly|sincerely|truly|ever|fondly|make (it|them|one)|made (it|them)|find|of|to call) yours
    yours (truly|sincerely|warmly|faithfully|always|ever|in|to (explore|discover)|has been)
    (bring|leave|is|show us|show|see|take|how is|and) yours (in|with us|along|by|round|and|.|been|has|to us)
    (welcome|like|love|take|drink|eat|serve|prefer|enjoy|meet|how is|how are|where is|hows) yours
    (friend|friends|favourite|favourites|one|some|many|team) of (ours|mine|yours)
    another (look|reason|season|story|way|cup|year|winter|day|chapter|time|world|page|kind|walk|chance to (say|see)|evening|morning|favourite|summer|autumn|monsoon)
    both (warm|soft|light|cosy|cozy|online|simple|new|old|and|of us|familiar|worlds|are warm|are soft|look|feel)
    (something|anything|everything|what|who|somewhere|nothing|where) else (quite|new|entirely|you|is new|to)
    the same (old|warm|friendly|love|care|team|people|place|familiar|way|faces|feeling|spirit|story|smile|warmth|cosy|without you|again without|good|shelf|corner)
    (same) (old|familiar|warm|friendly|faces|here)
    (second|third) (nature|home|look|thought|glance|favourite)
    the rest of (the (day|world|week|team|family|season)|us|your (day|week|evening))
    (get|some|well|good|a little) (some|)( |)rest
    single (moment|minute|stitch|day)
    (whole|entire|full) (team|family|new|day|of|house|season|story|world|lot|swing|range|collection|colour|bloom|heart|shop|shelf|days|life|the days|hearted|new way|city)
    (a|the|your|our) (whole|full) (new|of|heart|shelf|wall|house|range|family|team|day|world|month|season|evening|morning|table|plate)
    (how|are|were|is|so|very|too|it|days|shelves|shelf|all|beautifully) (full|whole)
    half (the (fun|story|joy|battle)|hour|an hour|asleep|awake|expected|hoping|open)
    (not|leave you|let|leave|stand) alone
    (you|it|that|winter|the cold|words|this) alone
    (if|when|was|were|is|are|it|not|but|can|could|has|have|had|the|we|one|and|you) only
    only (a few|a little|just|natural|one|then|now|get|better|human|see|you|imagine|be|recently|right|fair|to|a|by|the beginning|the start|hope|steps|once|say|know|think|thing missing)
    (a little|a bit|somewhat|much|even|so much|feels|and|or|with|far|no) less (_|)
    (than|more|less|better|warmer|softer|cosier|cozier|happier|closer|brighter|longer|nicer|lovelier|livelier|busier|sweeter|quieter|cooler|colder|greener|fresher|richer|bolder|calmer|fuller|later|earlier|sooner|happier) than (ever|usual|before|you|we|words|last|a|yesterday|the|most|just|i|in|it|that|this|one|to|happy|simple|cold)
    more than (ever|usual|words|welcome|happy|a|just|you|we|glad|that|anything|one|happy|simply|the sum|enough reason)
    (enough|good enough|lucky enough|kind enough|curious enough|cold enough|warm enough|cool enough|cant get enough|soft enough|light enough|long enough|reason enough|early enough|brave enough)
    enough (of us|about us|to (make|keep|warm|read|wear|fill|see)|for today|reason|room|said|time|the rain)
    at least (a|say|once)
    (fewer) (words)
    (feel|feels|look|looks|is|you|we|it|this) (_|) too
    (you|us|that|one|this|here|there|well|back|down|in|more|again|out|up|by|ready|together|new|day|morning|them|it|is|are) instead
    twice about
    once (again|more|upon|in a while|you|the|we|a|and for all|it)
    (anyone|anybody) (for|up|who (loves|likes|enjoys|wants|reads|cooks))
    anywhere (warm|cosy|near)
    (an) extra (layer|touch|warm|cosy|special|bit of (warmth|love|joy|care)|helping of (love|warmth)|pair of hands|chair|cosy|soft|dose of)
    (spare) (a|time|hour|moment|half hour|room|minute)
    either (way|of us)
    besides (the|that|being|coffee|good)
    (elsewhere) in (our|the shop|this)
    your size (or|fits)
    (a|your|the) (natural) (look|feel|choice|eye|light|beauty|colours|tones|place|way|home|next step|style|rhythm|glow|start|born)
    comes naturally
    (an|the|your) original (idea|story|thought|self|recipe|plan)
    genuine (smile|smiles|joy|pleasure|thanks|care|warmth|love|affection)
    (it|to|at|in|the|that|for|good) last (.|time|visit|summer|winter|week|month|season|year|night|we|you|saw|met|few|of|stopped|came|spoke|to)
    (pure|sheer) (joy|pleasure|comfort|bliss|delight|happiness|love|fun|magic|heaven)
    (rare) (treat|moment|pleasure|quiet)
    perfectly (cosy|cozy|happy|suited|at home|fine)
    (for|when) (tough|rainy|cold) (days|times)
    (last|this) (page|chapter|word|leaf|leaves|light|line|song|bite|bit|mile|crumb)
    (vintage) (look|feel|style|charm|wine|love)
    (cover to cover|cover of|the cover|front cover|book cover|just in case|in any case|in case you)
    (master) (of|the art|of ceremonies)
    (in the|movie|rock|under the|a|five|by|wish upon a|shooting|north|counting|the) (star|stars)
    (snack|cookie|cookies|dessert) (and|time|lovers|lover|or|for)
    heritage (and|of|look)
    (made) (with (love|care|the|you|heart|warmth|thought)|from (scratch|the heart|soft)|by hand|just for|in (small|the|a|our|soft|warm)|only)
    (picked|cut|woven|sewn|baked|built|roasted) (with (love|care)|by hand|in|from|just|just for|with you in mind)
    """
)


FEWEST_HINTS = 3
_DEVANAGARI = re.compile("[\u0900-\u097f]")


def find(prose: Prose) -> Iterator[Finding]:
    """What stands in no allowed phrase, and sentences with several words that only hint at a promise."""
    yield from (finding for finding in prose.phrases(_CLOSED, idioms=ALLOWED) if not prose.is_of_the_message(finding))
    if prose.background.language in MAYBE_HINDI or _DEVANAGARI.search(prose.text):
        yield from find_hindi(prose)
    yield from _with_hints(prose)


def _with_hints(prose: Prose) -> Iterator[Finding]:
    """The last of several hints in one sentence."""
    ends = [word.end for word in prose.words if word.text == "."]
    found: dict[int, list[Finding]] = {}
    for finding in prose.phrases(_HINTS, idioms=ALLOWED):
        if not prose.is_of_the_message(finding):
            found.setdefault(bisect(ends, finding.start), []).append(finding)
    yield from (hints[FEWEST_HINTS - 1] for hints in found.values() if len(hints) >= FEWEST_HINTS)


_CLOSED = Phrases(TRANSFER, OWNERSHIP, PEOPLE, PROVENANCE, NEGATION, HISTORY, STATES, STOP)
_HINTS = Phrases(NEGATION, CONDITIONS, HINTS)
ASSERTIONS = Validator(
    name="assertion", find=find, advice="Say {found!r} in another way: a text gives, keeps, denies or excepts nothing."
)
