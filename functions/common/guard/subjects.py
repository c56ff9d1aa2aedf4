"""Subjects of commerce: what only the message may speak of, whatever is said of it.

Nobody can list all promises, but they are all about something: what a thing costs, how it is paid, sent, kept, returned
or guaranteed, how long it lasts, who may have it, what it does to body and purse, who is best. These subjects are closed:
a text may use such a word only if the message does. The idioms are the ways in which these words mean something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.folding import word_set
from common.guard.phrases import Phrases
from common.guard.subjects_hindi import HINDI, HINDI_IDIOMS, HINGLISH, HINGLISH_IDIOMS

MONEY = """
    (price*|pricing|pricey|cost|costs|costing|costly|expens*|inexpensive*|cheap*|afford*|budget*|spend|spends|spending|spent|money*|cash*)
    (coin|coins|cent|cents|fortune|wallet*|purse*|pocket|pockets|pocketbook|bill|bills|billed|billing|invoice*|receipt|receipts|cheque*)
    (fee|fees|charge|charges|charged|chargeable|charging|surcharge*|toll|tolls|tariff*|tax|taxes|taxed|taxfree|gst|vat|duties|deposit*|downpayment)
    (instalment*|installment*|credit|credits|credited|debit*|loan|loans|lend|lends|lending|lent|borrow*|rent|rental|rented|renting|lease*|financ*|fund|funds|funded|subsid*|sponsor*)
    (pay|pays|paying|paid|payable|payment*|payback|prepaid|prepay*|repay*|unpaid|owe|owes|owed|owing|due|dues|settle|settles|settled|expense*|profit*|earn*|income)
    (save|saves|saved|saving|savings|saver|thrift*|frugal*|economical*|bargain*|discount*|reduce|reduces|reduced|reducing|reduction*|rebate*|markdown*|markup|slash*|shave|shaves|shaved|shaving|knock|knocks|knocked)
    (halve|halves|halved|halving|lower|lowers|lowered|lowering|lessen*|fraction|fractions|worth|worthless|worths|value|values|valuable|valuables|invaluable|premium|premiums|margin|margins)
    (buy|buys|buying|buyer|buyers|bought|purchas*|reorder*|sell|sells|selling|seller|sellers|sold|sale|sales|resale|retail*|wholesale*|trade|trades|traded|trading|swap*|exchang*|barter*|auction*)
    (cart|carts|cashier*|transaction*|quote|quotes|refund*|reimburs*|compensat*|rupee*|dollar*|bank|banks|account|accounts|accounted|balance|arrears|debt*|bankroll*|pricetag|tag|tags)
    (bear|bears|shoulder|absorb*|swallow) (the|that|this|it|all|any)
    (foot|footed|footing) (the|it|that|this)
    (this one|that one|it|the rest|lunch|dinner|coffee) (is|s) between us
    (at|the) (till|tills|register) (.|for|is|will|when|with|and|to)
    (at|on|from) (our|my|the shops|the houses|the firms|the companys) (cost|expense|side|end|part|dime|pocket|account|tab|charge|own)
    (the|a|our|your|its|his|her) (tab|tabs)
    (arm and a leg|break the bank|small change|loose change|keep the change|a song|a steal|for peanuts|next to nothing|dirt cheap|good deal)
"""
DELIVERY = """
    (deliver*|ship|ships|shipped|shipping|shipment*|courier*|parcel*|postage|postal|posted|posting|postman|mailed|mailing|dispatch*|despatch*|doorstep*|freight*|haul*|transport*|logistic*|package|packages)
    (collect|collects|collected|collecting|fetch*|pickup|pickups|dropoff|driver|drivers|truck|trucks|rider|riders|van|vans|transit|tracking|trackable|consign*|carrier|carriers|import|imports|imported)
    (pick|picks|picked|drop|drops|dropped) (it|them|this|that|everything|one|these|those|things|yours|any|your) (up|off|at|from)
    (to|at|on|till|outside|past) your (door|doors|address|gate|place|hands|desk|office|doorway|porch|lobby|room|town|village|area|building|neighbourhood)
    (arrive|arrives|arriving|arrived|reach|reaches|reaching|land|lands|come|comes|coming|travel|travels|get|gets) (_|_ _|) (to|at|on|before|by|within) (you|your) (_|) (before|by|within|in|the|door|place|home|tonight|tomorrow|hands|.)
    (travel|travels|travelling|makes|goes|go|come|comes|find|finds) (its|their|) (home|way) (with|to) you
    door to door
    (home|house) (visit|visits|call|calls|service|fitting|fittings|trial|demo)
"""
STOCK = """
    (stock|stocks|stocked|restock*|overstock*|supply|supplies|quantit*|inventory|scarc*|exclusiv*|limited|limitless*|unlimited|shortage*|waitlist*|waitinglist|queue*|reserv*|allot*|allocat*|earmark*|leftover*|dwindl*|vanish*|disappear*|clearance)
    (few|many|much|pieces|none|nothing|only|any|little|some|seats|one|ones|slots|places|sizes|colours|time|days|hours|left) left
    (is|are|be|s) (still|) left
    (left|remaining) (in|for|at|on|to) (stock|your size|the shop|the shelf|the shelves|you|go|us)
    (remaining|remainder|remnant|remnants|surplus)
    (will|soon|all|be|are|is|already|almost|going|and|theyre|its|before) gone
    (off|from) the (shelf|shelves|racks)
    (snapped|snap|snapping|bought|sold|booked|taken|filling|filled|fills) (up|out)
    (run|runs|running|ran|going|sell|sells|selling|move|moves|moving) (out|low|short|fast|quick|quickly)
    (in|of) your size
    handful of
    (hard|impossible|difficult|easy) to come by
    (never|not|wont|will not|cannot|cant) (be|see|find|come|happen|have) (_|) (again|back|another|repeated|elsewhere)
    (everyone|everybody|others|somebody|someone|anyone) else (does|do|is|has|grabs|gets|takes|can|will|may|did|could)
"""
TIME = """
    (deadline*|expir*|lapse*|countdown|timer|tonight|tomorrow|yesterday|overnight|instant|instantly|immediate*|prompt|promptly|swift*|speedy|speedily|rushed|jiffy|asap|punctual*|hourly|nightly|weekly|monthly|annual*)
    (fortnight*|century|centuries|lifetime*|lifelong|generation|generations|eternal*|perpetu*|permanent*|indefinite*|infinite*)
    (fastest|quickest|soonest|express|timely)
    (lasts|lasted|outlast*|outlive*|durab*|indestruct*|unbreakable|everlasting|longlasting|longevity|hardwearing|wearproof|waterproof*)
    (will|can|to|should|must|it|they|them|and|really|long|wont|not) (last|lasting) (for|you|longer|a|all|the|well|many|.)
    (by|before|within|until|till|inside|under) (a|an|the|your|this|next|that|its|one|) (_|) (day|days|week|weeks|weekend|month|months|year|years|hour|hours|minute|minutes|second|seconds|morning|noon|afternoon|evening|night|midnight|dawn|dusk|dinner|lunch|breakfast|supper|bedtime|teatime|sunrise|sunset|sundown|generations|ages|wedding|party|festival|festivals|holiday|holidays|trip|exam|exams|summer|winter|spring|autumn|seven|eight|nine|ten|six|five|four|noon)
    (for|after) (a|an|the|your|another|the next|the rest of) (_|) (week|weeks|month|months|years|lifetime|generation|generations|life|fortnight)
    (for|of) (a|an) (hour|week|month|year)
    (for) (generations|ages|life|good|keeps|decades|weeks|months|ever|always)
    (straight|right) away
    (same|very) (day|evening|morning|afternoon|week|month|night)
    (on|in) time .
    (in|within) (minutes|hours|seconds|days|weeks|moments|months|record|an hour|a minute|a day)
    (early|earlier|earliest|late|later|latest) (access|opening|closing)
    (a|this|your) (day|week|month|year) (sooner|earlier|later|longer|extra|more|free)
    (as|so) (long|often|many) as (you|it|they|we|the|your|any|need)
    (whenever|any time|anytime|at any time|any day|day or night|around the clock|night and day) (you (want|wish|need|please|call|ask|decide|stop|tire|change)|it (stops|breaks|fails|needs)|night|and we)
    (stop|cancel|pause|leave|return|quit|freeze|move) (_|) (whenever|any time|anytime|when|at any)
    (open|opens|opening|close|closes|closing) (early|late|at|until|till|just|only|just for|hours|time|times)
    years (to come|from now|on end|and years|of (use|wear|service|life))
"""
GIFTS = """
    (gift*|freebie*|bonus*|reward*|prize*|win|wins|winner*|winning*|won|jackpot*|lotter*|raffle*|sampl*|taster*|sachet*|goodie*|goody*|tokens|a token|small token|little token|souvenir*|voucher*|coupon*|points|hamper*|giveaway*|treat you|treat for you|treats you)
    (complimentary|gratis|compliments|extras|addon|addons|topup|topped|perk|perks|benefit*|incentive*|jackpots|lucky|luck|draw|draws|drawn|contest*|quiz|scratch|spin)
    (something|anything|a bit|a little|little|some|that|and) (extra|on top|besides|additional)
    (a|one|two|some|bit|little|few|mango or two) more (than|for you|in|on|from)
    (a bit|a little|thoda|something|mango) more
    (in|into|inside) your (bag|bags|parcel|box|order|basket|package|carrier)
    (thrown|threw|throw|toss|tossed|slip|slipped|slipping|tuck|tucked|pop|popped|sneak|sneaked|drop|dropped) (_|_ _|_ _ _) (in|into|inside) (your|the|every|each|with|.)
    (thrown|slipped|slip|tucked|tossed) (in|into|inside)
    (behind the counter|(waiting|ready|waits|for you|yours|it|them|one) (_|_ _|) at the counter|at the counter (for you|with|when you|if))
    (on) (us|me|the house|the shop|the team|the chef|the owner) (.|today|this|for|all|and|whatever|when|if|again|tonight|as|too)
    (from) (us|the shop|the house) (with|whenever|for|as)
    (is|are|its|theyre|be|s|was|goes|all|one) on (us|me|the house|the shop|the team|the chef|the owner)
    (our|my|the shops|the teams|the houses) (treat|shout|gift|pleasure to pay|present|round|invitation)
    (with|by way of|as) (our|a|) (thanks|thank you|thankyou|apology|gesture|little thank you|small thank you)
    (little|small|tiny|special|sweet|nice|warm) (something|thank you|extra|gesture|surprise|bonus|token|treat) (for you|awaits|is waiting|waits|in|at|with|on|from|inside|that)
    (present|presents) (for|from|waiting|awaits|is|are|with|to|.)
    (with|has|have|bears|bearing|carries|got|got) your (name|initials) (on|in)
"""
RETURNS = """
    (returns|returned|returnable|refund*|replac*|exchang*|swap*|repair*|mend|mends|mended|mending|fix|fixes|fixed|fixing|alter|alters|altered|altering|alteration*|refit*|redo|redone|resole*|reline*|restor*|refurbish*|overhaul*)
    return (it|them|anything|whatever|what|any|the|this|that|your|every|everything|something|things|if|for|without|within|.)
    (send|bring|hand|give|take|carry|post|ship|pass|walk) (it|them|anything|whatever|something|this|that|things|one|yours) (_|) (back|over|round)
    (change|changed|changes) (your|their|his|her|my) mind
    (if|when|should|whenever|in case) (it|they|you|anything|something|one|that|this|either|any|the _|your _) (_|) (do not|does not|dont|doesnt|isnt|arent|is not|are not|wont|will not|cannot|cant|not|ever|break*|tear*|fade*|shrink*|rip|rips|wear|wears|lose|loses|fail*|go|goes|happen*|change|pinch*|rub*|itch*|disappoint*|regret*|decide*|tire*|no longer|snag*|unravel*|pill|pills|pops|comes|came)
    (regret*|risk*|hassle*|obligation*|commitment*|obligat*|strings|fineprint|smallprint|refuse*|refusal|dispute*|complain*|claim|claims|claimed|claiming|liab*)
    (small|fine) print
    (worry|worries|worried|worrying) (about|of|over|if|is|are|with|on|.)
    (no|without|zero|free of) (worry|worries|fuss|bother|trouble|catch|question|questions|limit|end|form|forms|paperwork|waiting|wait|delay|delays|queue|pressure)
    (no|a|the|any|without) (catch|snag|snags) .
    (trial|trials|test drive|on approval|test it|try (it|them|one|this|these|that) (at|for|before|first|out|without|free|until|out))
    (if|when|until|unless|should) (_|_ _|) (not|isnt|arent|never|less than) (happy|satisfied|pleased|right|perfect|convinced|delighted|what you)
    (happy|satisfied|pleased|delighted|right|perfect|fits|content) or
    (until|till) (you|it|they|she|he) (are|is|re|feel|feels|fits|sits|love|like|smile)
    (make|makes|making|made|put|set|puts|sets) (it|things|that|this|everything) (right|good|up to you)
"""
GUARANTEES = """
    (guarant*|warrant*|promis*|assur*|ensur*|insur*|certif*|pledg*|vow|vows|vowed|swear*|sworn|secur*|safeguard*|safety|safely|protect|protected|protects|protection|prove|proves|proven|proof|authentic*|verif*|licens*|patent*|tested|testing|tests|approv*|accredit*)
    (cover|covers|covered|covering|include|includes|included|including|inclusive|inclusion|provide|provides|provided|providing|entail*|bundle*|combo*|package deal|allinclusive)
    (comes|come|coming|came) (complete|with|included|along|as standard|free|at)
    (stand|stands|standing|stood) (behind|by|for) (it|them|our|every|each|all|what|this|that|the)
    (you bet|bet on|rest easy|rest assured|count on (it|that|them)|rely on (it|that|them)|take our word|you have our word|our word|word of honour|mark our words|cross our hearts|no ifs|hand on heart)
    (for|rest of your) (life|lives|ever|always)
    (must|bound to|certain to|sure to|certainly will|definitely will|will definitely|will certainly|will surely|will never|will always|never ever) (_|) (work|help|fit|last|be|fade|break|shrink|tear|fail|lose|get|keep|stay|have|see|find|change)
"""
HEALTH = """
    (diabet*|eyesight|short sight|blood|teeth|gums|bones|knees|rash|itch*|scratching|sneez*|snor*|stomach*|gut|stiff*|sore|sniffle*|ill|illness*|sick*|kilo|kilos|inches|waist*|belly|jeans|obes*|fatigue|tired eyes)
    (live|lives|living) longer
    (longer|younger|healthier) (life|lives|skin)
    (heal*|cure*|health*|immun*|pain*|ache*|aching|sleep|sleeps|sleeping|sleepless|insomnia|slim|slims|slimmer|slimming|weight*|younger|youthful*|wrinkle*|ageing|aging|antiageing|calori*|fatburn*|detox*|disease*|doctor*|medic*|therap*|symptom*|remed*|relief|reliev*)
    (energis*|energiz*|vitality|digest*|allerg*|recover*|fitter|stronger|muscle*|stamina|vitamin*|protein*|headache*|cough*|flu|fever*|infection*|germ|germs|bacteria*|virus*|hygien*|hypoallergenic*|dermatolog*|clinic*|lab|labs|laborator*|scien*|expert*|specialist*|surgeon*|dentist*|nurs*|pharma*|hospital*|joints|arthritis|asthma|metabol*|toxin*|nutri*|wellness|posture|circulation|anxi*|depress*)
    (result|results|resulting|success*|effective*|effect|effects|improv*|increas*|boost*|prevent*|eliminat*|accelerat*|maximi*|minimi*|optimi*|multipl*|triple*|tripling|quadruple*)
    (works|work) (wonders|like magic|like a charm|within|from|every|for everyone|on every|overnight|against|instantly)
    (look|looks|looking|feel|feels|feeling) (_|) (years|younger|fitter|slimmer|thinner|taller|richer|healthier|lighter|stronger)
    (good|great|kind|better|best) for (your|the|you) (heart|back|skin|bones|body|knees|joints|hair|gut|eyes|sleep|mind|health|figure|feet|lungs|nerves)
    (keep|keeps|keeping) (_|) (illness|illnesses|colds|sickness|you young|you fit|you healthy|the doctor|wrinkles|stress) (away|at bay|off|.)
    (never|wont|not) (be|feel|get|catch) (_|) (cold|ill|sick|tired|old|a cold|lonely|hungry) (again|any)
"""
RANKING = """
    (unmatched|unrival*|unbeat*|unparallel*|incomparable|unequal*|peerless|foremost|leader|leaders|leading|rated|rating*|ranked|ranking*|rank|award*|champion*|voted|bestsell*|topsell*|renowned|famed|worldclass|certified|superior*|finest|topmost|number one|second to none|undisputed|outperform*|outshine*|outdo*|competitor*|competition|rival*|elsewhere|unsurpass*|benchmark*)
    (in|of|across|around|throughout) (town|the city|the country|the world|india|the market|the business|the area|the neighbourhood|the neighborhood|the region|asia|the industry|the trade|the state|the land|the nation|the whole country|all india|the street)
    than (any|anyone|anybody|others|other|the rest|anywhere|most|all|every|everyone|everybody|those|theirs|what others|at|our rivals|the competition|a)
    (other|another|any|every) (shop|shops|store|stores|bakery|brand|brands|place|clinic|gym|optician|salon|dealer|jeweller|school|seller|cafe|website|app|site)
    whatever your
    (not one|no) _ (in|on) (the|this|our)
    (king|queen|president|minister|prime|film|famous|royal|officer|grandchildren|heirloom*|historic|legendary)
    (no|not) (other|one|body|shop|store|brand|place|coat|_) (else|in|makes|does|sells|offers|has|comes|will|compares|matches|makes|beats|gets|knits|like it)
    (nobody|none|nowhere|noone|no one) (else|in|makes|make|does|sells|offers|has|comes|can|will|could|compares|matches|beats|gets|knits|near|around|around here|around town)
    (anywhere|nowhere|anyone|anybody|somewhere) else
    (indias|citys|countrys|towns|worlds|nations|asias|cities|regions|markets|statess|areas) (_|) (favourite|favorite|best|most|first|finest|top|number|largest|oldest|biggest|leading|premier|only)
    most (trusted|sold|wanted|popular|reliable|durable|advanced|loved _ in|awarded|visited|recommended|successful|generous)
    best (in|of all|of the|ever|price|value|_ in|_ money|_ around|you can|anywhere)
    the only (shop|place|brand|store|one|ones|coat|people|name|team|company) (_|) (in|that|where|to|who|you|with)
    (thousands|hundreds|millions|lakhs|dozens|scores|crowds) (of|have|trust|love|who|already)
    (ask|asks|recommended by|loved by|trusted by|worn by|chosen by|endorsed|endorse*|celebrit*|recommend*) (any|anyone|thousands|millions|doctors|experts|stars|everyone|everybody|all|the|celebrities|actors)
"""
RIGHTS = """
    (eligib*|qualif*|entitl*|member|members|membership*|subscri*|upgrad*|exempt*|privileg*|status|tier|tiers|vip|elite|access|invite only|avail|avails|availing|redeem*|unlock*|activat*|approv*|waiv*|enrol*|regist*|preapprov*|nominat*|shortlist*|blacklist*|whitelist*|rights|right to)
    (first|front|top|head|ahead) (in|of) (line|the line|the queue|queue|everyone|everybody|others|the list|the rest|the crowd)
    (jump|skip|beat|avoid|bypass) the (line|queue|crowd|wait|counter)
    (before|ahead of) (everyone|everybody|anyone|others|the others|all others|all the|the crowd|the rest|the public|they)
    (you|youll|you will|will) (be|are|re|were|) (the|among the|one of the) (first|only|lucky|few|chosen)
    (is|are|be|been|was|were|has been|have been|all|already) (_|) (taken care|looked after|seen to|sorted|handled|covered|counted|paid|settled|dealt with|part of (it|the|this|that))
    (do not|dont|does not|doesnt|not|isnt|arent|never|wont) (_|) (count|counted)
    (our|my|their) pleasure (.|to (pay|give|send))
    (come|comes|drive|drives|drop|drops|pop|swing|swings) (by|to|over|round|) (your|you) (house|home|place|office|flat|room|street|.|if|when)
    (find|finds|found|make|makes|work|works) (its|their) way (into|to|in|home)
    (exam|exams|certificate*|diploma*|passed)
    (inner|our private|secret) circle
    (on|off) (the|our) (list|guest list|waiting list)
    (lowered|raised|extended|stretched|prolonged|doubled|renewed|increased) (_ _|_|) for you
    (extend|extends|extended|extending|extension|prolong*|postpone*|renew|renewed|renewal)
    (yours|ours) (for|to|if|now|already|too|forever|free|today|when|without|whenever|at|by|the|alone|again|as)
    (is|are|be|its|theyre|now|all|become|becomes|remain|remains|stays|was|one|pair|that|this) (_|) (yours|ours)
    (belong|belongs|belonged) to you
    (counts|count|counted|counting) (towards|toward|as|for|double|twice|too|against)
    (applies|apply|applied|applicable) (to|for|on|also|too|in)
    (handle|handles|handled|handling|sort|sorts|sorted|sorting|arrange|arranges|arranged|arranging|organise|organises|organised|organize|organized|manage|manages) (it|all|that|everything|the|your|for|out|with|by|this|any|.)
    (look|looks|looked|looking) after (it|the|your|all|everything|that|them|any|you)
    (take|takes|taken|taking|took) care of (it|the|your|all|everything|that|them|any|by|.)
    (see|sees|seeing) to (it|that|everything|all|the)
    (our|my|not your|your) (problem|responsibility|job|headache|business|concern|burden|duty|worry|turn to pay|bill|tab|department)
    (the rest|everything else|all else|the remainder|the details) (is (ours|free|yours|paid|included|on)|are|of it|on us|to us|goes|will|up to us)
    (do|does|did|gets|get|goes|go|applies|want|wants) the same
    the same (for|goes|applies|to|again|price|.|terms|offer|deal|rate)
    (both|each|all) (of you|of them|of these|get|gets|go|come|are yours|are free|for)
    (another|extra|spare|second|third) (one|pair|set|piece|is|comes|for|goes|on)
    (one|pair|two|some|more) (for|with) (your|the|each|every|a) (friend|friends|mother|sister|brother|partner|family|name|initials|guest|neighbour)
    (friend|friends|guest|neighbour|family|companion|sister|mother|brother|partner|children|kids|colleague|colleagues) (_|) (get|gets|goes|go|comes free|is free|eat|eats|drinks|pays|can have|may|will|walks|too .|as well)
    (walk|walks|walking|go|goes|leave|leaves|come|comes|drive|ride) (out|home|away|off) with (a|an|one|it|them|two|both|more|your|the|some|another|something|whatever)
    (show|mention|quote|flash|present|say|whisper|tell|print|screenshot) (us|) (this|your|the) (message|email|mail|note|letter|text|sms|screen|line|word|name at|card)
    (ask|asks|asking|enquire|inquire) (for (yours|it|them|one|the|your)|at the|about the|about our)
    (tell|let) (the|our) (staff|team|cashier|counter|server|waiter)
"""
OF_OTHER_PEOPLE = """
    our (tailor|tailors|driver|drivers|courier|technician|technicians|stylist will|nurse|doctor|doctors|experts|expert|agent|agents|representative|lawyer|partner|partners|bank)
    (no|nobody|none|nothing|without|not|never) (_|) (fee|ask|asks|asked|question*|charg*|pay*|needed|required|require|bother|paperwork|proof|receipt|bill|owe)
    (nothing|naught|zilch|nada|zip) (to|for|from|at|in|is|if|but|will|on|down|due|left|extra|more|else)
    (do not|dont|need not|neednt|no need to|never|wont|will not|cannot|cant|does not|doesnt|didnt|not) (have to |need to |)(bring|pay|carry|worry about|think about|bother|reach|dig|open your|sign|fill|print|wait|queue|stand|ask|leave|lose|miss out|return|regret|cost|charge|bill|expire|end|run|mind what|spend|owe|lift|do a|pick|set you)
    forget (about|the|your|any|all|)( |)(shipping|postage|bills|bill|wallet|fees|price|prices|cost|costs|rent|queue|queues|laundry|hassle|worries|tax|taxes|payment)
"""
IDIOMS = Phrases(
    """
    (collect|collects|collecting|collected|collector of|collectors of) (_|) (stamps|leaves|memories|stories|shells|moments|books|stones|postcards|words|recipes|dust|thoughts|ideas|smiles|sunsets|sunshine)
    (know|knows|understand|remember) (_|_ _|_ _ _|_ _ _ _|_ _ _ _ _|_ _ _ _ _ _|) (better|longer|more) than (most|anyone|anybody|many)
    (a|the|one|another|our|your|old|silly|favourite) song (on|in|about|from|to|for your|and|stuck|that|you|we|.|with|at|while)
    how about another one
    (it|this|that|there|they|you|we) must (be|have been) (_|)
    (the|our|one) (_|) (swears|swear|swore) (that|by the smell|by)
    (the) result (is|of|smells|looks|tastes)
    (upright|good|bad|straight|proud|relaxed) posture
    (shelf|shelves|greenhouse|notebook|page|pages|house|kitchen|garden|room|pond|sky|street|streets|air) (_|) (has|have) filled up
    (coffee|tea|mornings|evenings|life|holidays|books|flowers|plants|winter|spring|moment|day|year|weather|walk|words) (_|) (worth) (a|the|it|every|_)
    worth (a (look|taste|try|sniff|smile|walk|detour|visit|peek|read|moment|trip|thought|song)|the (wait|walk|climb|trip|mess|crumbs)|it|exploring|reading|knowing|remembering|seeing|sharing|waking up for|getting up for)
    (on the back of|an|the|your|yellow|crumpled) (envelope|receipt)
    (sleep|sleeps|sleeping|slept) (in|under|on|late|through|like|curled|beside|next|all day|at our|at your|softly|soundly)
    (aching|ache) (for|to)
    (bread|pond|paper) coins
    (postcards|letters) posted
    (bank|banks) of (the|a) (river|lake|canal|stream)
    river (bank|banks)
    (mend|mends|mended|mending) (a|the|your|our) (mood|heart|day|spirit|spirits|monday)
    (spend|spends|spending|spent) (_|_ _|_ _ _|) (time|morning|mornings|afternoon|evening|evenings|night|day|days|hour|hours|week|weekend|sunday|summer|winter|spring|autumn|holiday|holidays|moment|moments|months)
    (<fact>|<value>) (also|) (comes|goes|came) (with|along|together) (it|them|you|with|for|) (it|them|you|the ride|)
    (it|this|that|they|which) (comes|come|goes|go) with (<fact>|<value>)
    with (it|them|that|this) (comes|goes|come) <fact>
    (morning|evening|afternoon|night|day|weekend|moment|sunday|season|world|sofa|stage|time) (belongs|belong) to you
    (slip|slips|slipping) back into your _
    nothing to (do|worry|wear|read|lose)
    (find|found|discover|choose|pick|meet|see|spot) yours (at|today)
    yours to (use|wear|read|taste|try|make|tell|write)
    (cat|cats|dog|dogs|pet|pets|kitten|puppy|everyone|baby|child|children|nobody|will|to|probably|they|she|he|and|or) (_|) (sleep|sleeps|sleeping) (_|)
    (sound|feeling|smell|thing|word|words|place|smile|hug|view|taste|time) in the world
    (slow|small|little|quiet|kind) _ count (too|.)
    (pass|passes|passed) (on|down|around) (from|to|through|by|.)
    (train|bus) (driver|drivers)
    (we|people|some people|they|children|i) (collect|collects) (leaves|stamps|shells|stones|stories|memories|books|colours|moments|postcards|feathers)
    (book|books|page|album|glossy|magazine) (cover|covers)
    (smiling|smile|look|looking|gazing) at (every|each|the) (cover|covers)
    (pay|pays|paying|save|saves|saving|worth|spend|join|price|priced|costs|cost|buy|order|fee) (you|of|is|at|for|only|just|) <fact>
    <fact> (_|) (saved|price|charge|worth)
    (kept|keep|keeps) <fact>
    (feel|feeling|looking|look) (like|)( |)a million
    (in|took|take|taking) charge
    (pockets|pocket) (for|full|deep|big|and|with)
    (deep|roomy|warm|big|hidden|side|patch|inner|generous|handy|two|your) pockets
    (with|has|have|and) pockets
    (settle|settled|settles) (in|into|down)
    due to
    (over|long over) due
    (saved|save|saving) the (best|date|sweetest|cosiest|softest|warmest|nicest)
    (save|saves) you (a seat)
    (well|be|is|are|its|so|always|) worth (a|the|your|every|it|seeing|trying|exploring|knowing|sharing|waiting|visiting|reading|discovering|a look|coming|remembering|celebrating|telling)
    (a|our|most|such a|as a|dear|dearest|you are|) valued (customer|customers|guest|guests|friend|friends|reader|part|patron|patrons)
    (we|truly|really|dearly|deeply|always|and) (value|valued) (your|you|the|every|having|it)
    (in|the) order (to|of)
    made to order
    out of order
    (quick|quickly) (hello|hi|note|look|peek|visit|stop|chat|word|reminder|line|question|browse|wave|thought|hug|message|update|cup|coffee|bite|walk|catch|and)
    (a|take a|for a|one|just a|in a|this|every|a spare|a quiet|a few|few|quiet|slow|spare|)( |)(minute|minutes|moment|hour|hours) (to (look|browse|yourself|spare|breathe|relax|explore|read|see|visit|stop|drop|wander)|for yourself|of (calm|quiet|peace|your|rest)|or so|with us|together)
    (golden|happy|quiet|slow|late|long|early|small|wee) (hour|hours)
    (last|past) (time|visit|season|saw|met|spoke|summer|winter|year|autumn|spring|came|stopped|been|but|night|seen|word|talked|wrote|dropped|chat|minute)
    (since|when) (we|you) last
    (at|the|those|your|our|and) last (.|we|you|here|it|few|of|time|to|visit)
    last but not least
    (until|till) (we (meet|see|then)|then|next time|you (come|visit|are back|drop)|soon)
    (not|isnt|never|was|until|till) (_|) (until|till) (we|you) (see|saw|meet|met|feel|felt|touch|try|tried)
    (for|in|these|over|all|through) (many years|years|the years|all these years|so many years|years now) (we|our|you|it|and|of|.|has|have|together|with)
    (a|one) (lovely|great|good|nice|wonderful|happy|cosy|cozy|fun|perfect|relaxing|slow|rainy|chilly|quiet|cold|warm|sunny|busy|long|special|lazy) (day|week|weekend|month|year|morning|afternoon|evening|night|season|time)
    (for|in|before|after|all|through|by) (the|a|this|your|every|any|cold|chilly|cool|long|rainy|winter|summer|festive|autumn|slow|cosy|sunny|warm|quiet|wedding|new|lazy|the coming) (cold|chill|season|rain|wedding season|festive season|monsoon|festival season|days|evenings|nights|mornings|afternoons|time of year|weather|winter|summer|road|walk|year|years ahead)
    (for|in|on) (the|a|an|your|this|every|any|cold|chilly|cool|long|rainy|winter|summer|festive|autumn|slow|cosy|sunny|warm|quiet|lazy|morning|evening|special|family|dinner|busy|big|crisp|grey|dark|early|late|spring|monsoon|foggy|misty|holiday|weekend|night|windy) (day|days|week|weekend|weekends|evening|evenings|night|nights|morning|mornings|afternoon|afternoons|walk|walks|party|parties|dinner|dinners|lunch|breakfast|holiday|holidays|trip|trips|year|moments)
    (for|in|with) (a|some|the) (change|while|bit|long while|little while|time|good time)
    for (the|a) (first|second|third) time
    (all|the whole) (day|night|season|year|winter|summer) (round|long|through)
    (in|just in|right on|right in) time (for (the|a|your|winter|summer|spring|autumn|cold|chilly|cosy)|to (say|see|visit|refresh|warm|welcome|celebrate|enjoy|try|slow))
    (any time|anytime|whenever) (you|soon|is|suits|it|the|we|life|.)
    (before|after) (the|this|your|a|long|we|you|winter|summer|it|all|i) (_|) (cold|season|rains|rain|chill|frost|snow|walk|work|meal|monsoon|know|long|meet|see|met)
    (win|wins|won|winning) (hearts|our hearts|your heart|over|you over|us over|smile|combination|team|a smile)
    (so|very|really|how|truly|feel|are|we are|lucky)( |)lucky (to have|to know|to|that|we|enough|when|with|you)
    (good luck|as luck would have it|lucky you|lucky charm)
    (draw|draws|drew|drawn) (to|by|in|inspiration|you in|us|from|together|the eye|the curtains)
    (treats) (for|in|to) (the|your) (senses|eyes|soul)
    points of view
    (token) of (our|my|)( |)(love|affection)
    (make|making|made) (_|) (things|it) (special|personal|easy|simple|fun|your own|cosy|cozy|happen|together|by hand)
    (make|makes|made) (a|the|any) (success|difference)
    (to great|to good|special|sound) effect
    (happy|lovely|warm) (results)
    (health|healthy) (and happiness|and happy)
    (happiness|joy|love|peace|success|good) (and|,)( |)(health|good health|success|healthy)
    (in|good|best of) good health
    (stronger) (together|bond|every day|than ever)
    (cover|covers) (to cover|up|your ears|your shoulders|page|story)
    (got|have|has|had|weve) you covered
    (including) (you|us|the|our)
    (comes|come) (with (love|care|a smile|warm wishes|warmth|a hug|the season|experience|joy|winter|winters|autumn|spring|summer|practice|age|time|memories|stories))
    (promises) to be
    (secure|safe) (in the knowledge)
    (leading|leads|lead) (to|you|up|the way)
    (second to none)
    (than|like) (a|any) (smile|good|warm|hug|soft|cup|walk|cosy|cozy|hot|fresh|quiet|great|friend|kind|little|new)
    (know|knows|remember|understand) (_|_ _) (better|longer) than (most|anyone|any of us)
    (better|nicer|softer|warmer|finer|sweeter) than a (good|warm|soft|hot|cosy|cozy|fresh|quiet|walk|cup|hug|smile)
    (all|rest) of the (world|day|team)
    (of|in) the (world|country|land) (outside|around)
    (around|see|travel|across|out of this|best things in) the world
    (means|mean|meant|mean so much|) the world to (us|me)
    (the best) (of both|part|things|way|time|company|moments|memories|days|stories|is yet)
    (the best) (in|of) (you|us|people|everyone|life|winter|summer|spring|autumn|the season|our|what|it|mornings|evenings)
    (no one|nobody) (knows|like you|wears|laughs|tells|quite|could|else quite|can resist) (_|) (our|you|it|like|that|quite|a|the|better)
    (no other|nothing) (feeling|way|place)
    (no) (two|place like|doubt|wonder|matter|better|time like|rush|hurry|surprise|secret|stranger|end of|words|pressure|need to dress|need to be)
    (nothing) (to (wear|do but|hide)|in the|but (love|the|good)|more (than|to)) (_|)
    (nothing) (beats|says|feels|like|quite|makes|warms|compares|brings|better)
    (dont|do not|never|wont|cant|cannot) (forget|wait to|stop|let|be|hesitate|need to dress|need an excuse|know|think|believe|want)
    (wait|waiting) (to (see|show|welcome|meet|hear|tell|share|have|say|catch|introduce))
    (cant|cannot|can hardly|hardly|can barely) wait
    (the|your|a|our|and) same (warm|old|smile|friendly|love|care|team|people|place|familiar|way|faces|feeling|spirit|story|good)
    (both|each|all) of (us)
    (all|each) of (you|them) (look|feel|are soft|are warm)
    (with|bring|your|our|good|old|dear|like|between|among|many|and|a|for|to) (friend|friends|family) (too|as well|in|over|around|.)
    (your|with|our|and|the) (friends|family) (will|may|can) (love|see|wonder|ask|enjoy|notice|thank|say|tell|be|feel|smile)
    (make|makes|making|made|make it|be|is) (it |them |one |something |)(all yours|your own|yours)
    (and|you and|to you and|us and) yours
    (warmly|sincerely|truly|always|ever|faithfully|fondly|cordially|gratefully|lovingly) yours
    yours (truly|sincerely|warmly|faithfully|always|ever|in)
    (is|are) (yours|all yours) to (explore|discover|enjoy|see|imagine|browse)
    (right to) (the heart|the end|the point|your heart|the edge)
    (status) quo
    (first) in (our|my) (hearts|thoughts|minds|mind)
    (come|comes|came|coming) (and|by|in|to|over|round|back|home|along|with|as|from|together|alive|out) (_|) (you|your) (own pace|leisure|ease|mood|heart|home|mind|wardrobe|style|taste|family|friends|day|life|in|.)
    (your|our) (member|members) of the (family|team)
    (family|team) members
    (ask) (about the (story|weaver|colours|fabric|wool)|for (help|advice|directions|more stories|a cup))
    (tell) (the|our) team (hello|hi|what|how|you)
    (say) (the word) (and|if)
    spent (many|time|some|a|an|all|our|so|too|the|years|hours|days)
    (feel|feels|a|some|are you|youre|have a) free (half|hour|afternoon|evening|moment|day|to|morning|weekend|minute)
    with a free (_|) (hour|afternoon|evening|moment|day|morning|minute)
    (sort|sorts) of
    (go|goes|come|comes) (on|back) (and|to)
    (dont|do not|never) (leave|lose) (your smile|heart|touch|hope|sight)
    (not|never) (miss|mind) (the|this|a|it)
    (in|on) balance
    (account) of
    (name|price) tags
    (counter) (the (cold|chill|grey))
    fall (fashion|colours|leaves)
    (knock|knocks|knocked) (on|your socks|at) (our|the|off|your) (door|)
    (fast|quick) (asleep|friends|to (smile|laugh|learn))
    (going|go) (fast|quick) asleep
    (lower|lowering) (the lights|light|temperatures|your shoulders)
    (fix|fixed) (a cup|yourself|a drink|a pot|on)
    (painting|paint*|paints)
    (welcome|check|checks|drop) in on us
    (full|new|renewed) (of|with|sense) (energy)
    (in) (success)
    (shipshape|friendship)
    """
)


ENGLISH = Phrases(MONEY, DELIVERY, STOCK, TIME, GIFTS, RETURNS, GUARANTEES, HEALTH, RANKING, RIGHTS, OF_OTHER_PEOPLE)
_ALL = ((ENGLISH, IDIOMS), (HINDI, HINDI_IDIOMS), (HINGLISH, HINGLISH_IDIOMS))


SAME = tuple(
    word_set(line)
    for line in """
    repair repairs repaired repairing fix fixes fixing fixed mend mends mending मरम्मत ठीक सुधार marammat theek
    month months monthly महीने महीना महीनों mahine mahina
    year years yearly annual साल सालाना saal salana
    week weeks weekly हफ्ते हफ्तों hafte
    order orders ordered ordering ऑर्डर
    price prices priced दाम कीमत daam keemat
    deliver delivers delivery delivered डिलीवरी
    return returns returned वापस वापसी wapas
    exchange exchanges बदल बदलें badal
    gift gifts तोहफा तोहफे उपहार tohfa uphaar
    health healthy सेहत स्वास्थ्य sehat
    doctor doctors डॉक्टर
    member members membership सदस्य सदस्यता
    test tests testing tested जांच jaanch
    """.strip().splitlines()
)
"""Words for one subject, in all languages: if the message has one of them, a text may have any."""


def find(prose: Prose) -> Iterator[Finding]:
    """Words of commerce, unless the message itself uses them."""
    said = prose.background.words.union(*(words for words in SAME if words & prose.background.words))
    for phrases, idioms in _ALL:
        for finding in prose.phrases(phrases, idioms=idioms):
            if not said.issuperset(prose.words_in(finding)) and not prose.is_of_the_message(finding):
                yield finding


SUBJECTS = Validator(
    name="commerce", find=find, advice="Do not speak of {found!r}: the message does not. Say how it feels instead."
)
