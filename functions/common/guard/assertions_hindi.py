"""What Hindi prose asserts by grammar, in both scripts: denials, what shall happen, what was done, what the reader did.

"No question", "we'll show you", "kept aside for you", "you had bought": each of these forms needs an allowed phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from common.guard.findings import Finding, Prose
from common.guard.folding import fold
from common.guard.phrases import Phrases
from common.guard.vocabulary import is_everyday

DENIALS = Phrases(
    """
    (नहीं|न|ना|मत|बिना|बगैर|कभी)
    (nahi|nahin|nahee|naheen|na|mat|bina|bagair|kabhi)
    """
)
DONE = Phrases(
    """
    (रखा|रखी|रखे)
    (दिया|दी|लिया|ली|चुना|चुनी|भेजा|भेजी|बनवाया|बनवाई|मंगवाया|मंगवाए|किया|की|ले गए|ले गई) (है|हैं|था|थी|थे|गया|गई|जाता|जाती)
    (rakha|rakhi|rakhe)
    (diya|di|liya|li|chuna|chuni|bheja|bheji|banwaya|mangwaya|kiya) (hai|hain|tha|thi|the|gaya|gayi|jata|jaata|jaati|jati)
    """
)
EXTENDED = Phrases(
    """
    (भी|bhi) (_|_ _|) (छूट|ऑफर|रियायत|chhoot|chhut|offer|discount) (में|mein|me|है|hai|हैं|hain|के|ke)
    (पर|par|pe) (भी|bhi)
    (उतना|उतनी|उतने|utna|utni|utne) (ही|hi)
    """
)
ORDINARY = Phrases(
    """
    (आपका|आपकी|आपके) (_|_ _|_ _ _) (तैयार|रखा|रखी|रखे|पक्का|पक्की|बन गई|बन गया) (है|हैं|हो)
    (aapka|aapki|aapke|apka|apki|apke) (_|_ _|_ _ _) (taiyaar|tayyar|taiyar|ready|rakha|rakhi|pakka|pakki) (hai|hain|ho)
    (हम|hum) (_|) (घर|ghar) (_|) (आ|aa|आकर|aakar)
    (जो|jo) (_|) (पहले|बाद में|देर से|late|pehle|baad mein|der se) (आए|आया|आएँ|aaye|aaya|aao)
    (खाने|पीने|पहनने|पढ़ने|करने|लगाने|khaane|khane|peene|pehenne|padhne|karne|lagaane) (से|se) (_|_ _|_ _ _) (आती|होती|बढ़ती|मिलती|रहती|होता|आता|बढ़ता|मिलता|रहता|aati|hoti|badhti|milti|rehti|hota|aata|badhta|milta|rehta) (है|हैं|hai|hain)
    (हमारा|हमारी|hamara|hamari|humara|humari) .
    (घर|ghar) (पर|तक|आकर|par|pe|tak|aakar) (_|_ _|_ _ _) (आते|आती|लाते|दिखाते|aate|aati|laate|dikhate) (हैं|है|hain|hai)
    (रह|reh|rah) (गए|गया|गई|gaya|gaye|gayi|jaaoge|jaoge|जाएँगे)
    (कुछ|kuch|kuchh|चंद|गिने) ही (_|) (रंग|हैं|बचे|रह|दिन|लोग)
    (kuch|chand) hi (_|) (hain|bache|reh|din|log)
    (किसी|kisi) (और|aur) (की|का|के|ki|ka|ke|को|ko)
    (वालों|वाले|वाली|walon|waalon|waale|waali) (को|ko)
    (दोनों|dono) (के लिए|ke liye)
    (मिलता|मिलती|मिलते|milta|milti|milte) (ही|hi) (_|) (है|हैं|hai|hain)
    (शाम|रात|दोपहर|सुबह|shaam|raat|dopahar|subah) (को|ko) (_|_ _|_ _ _|_ _ _ _) (भी|bhi) (है|हैं|hai|hain|होगा|hoga)
    """
)
ALLOWED = Phrases(
    """
    (आपके|aapke) (स्वागत|swagat|intezaar|इंतजार) (को|में|के लिए|mein|ke liye|ko) (तैयार|taiyaar|taiyar|ready) (हैं|है|hai|hain)
    (koi|कोई) (race|jaldi|hadbadi|jaldbaazi|tension|pressure|dar|alarm|bahana|रेस|दौड़|जल्दी|हड़बड़ी|जल्दबाजी|डर|बहाना|शोर|शिकायत) (nahi|nahin|नहीं) (_|)
    (aasan|asaan|mushkil|zaroori|akela|akele|akeli|galat|आसान|मुश्किल|जरूरी|अकेला|अकेले|अकेली|गलत|दूर|door) (nahi|nahin|नहीं) (_|)
    (naachna|nachna|gaana|hansna|rona|bhaagna|uthna|chalna|rukna|sochna|muskurana|baithna|sona|नाचना|गाना|हंसना|रोना|भागना|उठना|चलना|रुकना|सोचना|मुस्कुराना|बैठना|सोना) (nahi|nahin|mat|नहीं|मत) (_|)
    (sharmana|ghabrana|rukna|sochna|darna|शरमाना|घबराना|रुकना|सोचना|डरना) (mat|na|मत|न|ना)
    (ka|का) (thikana|theekana|jawab|koi jawab|ठिकाना|जवाब|कोई जवाब) (nahi|nahin|नहीं) (_|)
    (par|पर) (nahi|nahin|नहीं) (pade|padi|पड़े|पड़ी)
    (plan|yojana|yaad|dikhta|dikhte|dikhti|samajh|maloom|pata|याद|दिखता|दिखते|दिखती|समझ|मालूम|पता) (nahi|nahin|नहीं) (hoti|hote|hota|_|)
    (dikhe|dikhi|mile|mili|aaye|दिखे|दिखी|मिले|मिली|आए) (nahi|nahin|नहीं)
    (mat|मत) udaas
    (gym|mat|yoga mat|मैट) (mat|) (udaas|khaali|soona|sooni|bicha|bichha) (hai|)
    (aap|आप) (aaye|aayi|आए|आई|दिखे|dikhe|dikhi|दिखीं|दिखी|मिले|mile|मिली|mili) (nahi|nahin|नहीं)
    (nahi|nahin|नहीं) (suni|suna|sune|सुनी|सुना|dikhi|दिखी|दिखीं)
    (जवाब|जवाब ही|jawab|jawaab|kehna|kahna|कहना|कोई जवाब) (nahi|nahin|नहीं|hi kya|ही क्या)
    (के|ke) (bina|बिना) (_|_ _|_ _ _) (adhoora|adhura|adhoori|adhuri|अधूरा|अधूरी|अधूरे|soona|sooni|suna|सूना|सूनी|फीका|फीकी|pheeka|pheeki)
    (aaiye|aao|aaiyega|dekhiye|आइए|आओ|देखिए) (na|ना|न)
    (कुछ न कुछ|kuch na kuch) (मन|दिल|mann|man|dil)
    (koi|कोई) (baat|बात) (nahi|nahin|नहीं)
    (bahar|बाहर|ghar|घर|akele|अकेले|kahin|कहीं) (nahi|nahin|नहीं) (jaana|jana|जाना|nikalna|निकलना)
    (ruk|chhup|थम|रुक|छुप) (nahi|nahin|नहीं) (_|)
    नहीं (हुई|हुए|हुआ|आए|आई|मिले|मिली|मिल पाए|देखा|देखी|लगता|भूले|भूला|भूली|भूलते|हो पाई|हो पाया|रुकता|थकते|छिपती|छिपता)
    (सिर्फ|केवल|बस|महज) (_|_ _|_ _ _) नहीं
    हमने (_|_ _|_ _ _|) (चुना|चुनी) (है|हैं)
    (humne|hamne) (_|_ _|_ _ _|) (chuna|chuni) (hai|hain)
    (क्यों|किसे|किसको) (न|ना|नहीं|_ नहीं|_ _ नहीं)
    (है|हैं|हो|होगा) (न|ना) .
    (न|ना|मत) (भूलें|भूलिए|भूलिएगा|भूलना|सोचिए|सोचें|शरमाइए|रुकिए)
    (आपके|तुम्हारे|इनके|उनके) बिना
    बिना (आपके|तुम्हारे|सोचे|थके|रुके)
    (कभी कभी|कभी कभार|जब कभी|कहीं न कहीं)
    (याद|दिल) (किया|कर लिया|जीत लिया|ले लिया|छू लिया) (है|हैं|था|)
    मन (किया|कर लिया|मोह लिया) (है|हैं|था|)
    (nahi|nahin) (hui|hue|hua|aaye|aaya|aayi|mile|mili|dekha|dekhi|lagta|bhoole|bhula|bhoolte|ho paayi|rukta|thakte)
    (sirf|bas|keval) (_|_ _|_ _ _) (nahi|nahin)
    (kyun|kyon|kise|kisko|kisse) (na|nahi|nahin|_ nahi|_ _ nahi|_ nahin)
    (hai|hain|ho|hoga|tha) (na|naa) .
    (hai|hain|ho|hoga|tha|tumhe|aapko) na
    (na|mat) (bhoolein|bhulein|bhoolna|bhulna|bhooliye|sochiye|socho|sharmao|ruko)
    (aapke|tumhare|iske|unke|tere) bina
    bina (aapke|tumhare|soche|thake|ruke)
    (kabhi kabhi|kabhi kabhaar|jab kabhi)
    (yaad|dil|mann|man) (kiya|jeet liya|chhoo liya|chura liya) (hai|hain|tha|)
    """
)
_WILL = re.compile(r"(?:ंगे|ंगी|ूंगा|ूंगी|ेगा|ेगी|एगा|एगी|ोगे|ोगी)$|(?:[aei]nge|[aei]ngi|unga|ungi|oonga|oongi|ega|egi|oge|ogi)$")
_MAY_HAPPEN = frozenset(
    fold(
        """
        होगा होगी होंगे होंगी लगेगा लगेगी लगेंगे मिलेंगे देखेंगे दिखाएंगे जंचेगा जंचेगी भाएगा भाएगी भाएंगे भाएंगी महकेगा महकेगी मुस्कुराएगा मुस्कुराएंगे
        सजेगा सजेगी खिलेगा खिलेंगे झूमेगा झूमेंगे चाहेंगे सोचेंगे कहेंगे कीजिएगा आइएगा भूलिएगा देखिएगा मुस्कुराएंगी
        hoga hogi honge hongi lagega lagegi lagenge milenge dekhenge jachega jachegi bhayega bhayegi mehkega muskurayega muskurayenge
        seekhenge hasenge hansenge gayenge naachenge nachenge khelenge baithenge ghoomenge ghumenge padhenge hilenge bolenge
        सीखेंगे हंसेंगे गाएंगे नाचेंगे खेलेंगे बैठेंगे घूमेंगे पढ़ेंगे हिलेंगे बोलेंगे खाएंगे पिएंगे khayenge khaenge piyenge piyoge khaoge
        sajega khilega jhoomega jhoomenge chahenge chaahenge sochenge kahenge muskurayengi kijiyega aaiyega
        """
    ).split()
)
_HAPPY = Phrases(
    """
    (पसंद|अच्छा|अच्छी|मजा|सुकून|आनंद) (आएगा|आएगी|लगेगा)
    (pasand|accha|acha|maza|mazaa|sukoon|anand) (aayega|aayegi|ayega|lagega)
    (दिल|मन|चेहरा|मजा|मज़ा|दिन|मूड|इंतजार|खुशी|स्वागत) (_|_ _|) (जाएगा|जाएगी|उठेगा|आएगा|आएगी|करेंगे|रहेगा|रहेगी)
    (dil|mann|man|chehra|maza|mazaa|mazza|din|mood|intezaar|intzaar|intazaar|khushi|swagat) (_|_ _|) (jayega|jaayega|jaega|jayegi|uthega|aayega|aayegi|karenge|rahega|rahegi)
    """
)
_YOU_DID = frozenset(fold("आपने तुमने aapne tumne").split())
_YOURS = frozenset(fold("आपका आपकी आपके तुम्हारा तुम्हारी aapka aapki aapke apka apki apke tumhara tumhari").split())
_HAD = frozenset(fold("था थी थे tha thi the").split())


def find_hindi(prose: Prose) -> Iterator[Finding]:
    """Forms of these kinds that stand in no allowed phrase."""
    for phrases in (DENIALS, DONE, EXTENDED, ORDINARY):
        yield from prose.phrases(phrases, idioms=ALLOWED)
    happy = _HAPPY.covers(prose.words)
    yours = False
    for place, word in enumerate(prose.words):
        yours = word.text != "." and (yours or word.text in _YOURS)
        will = _WILL.search(word.text) and place not in happy and not _is_harmless(word.text)
        history = word.text in _YOU_DID or (yours and word.text in _HAD)
        if (will or history) and word.text not in prose.background.words:
            yield prose.finding(word.start, word.end)


def _is_harmless(word: str) -> bool:
    """A future that promises nothing, or an English word such as "range"."""
    return word in _MAY_HAPPEN or is_everyday(word, hindi=False)
