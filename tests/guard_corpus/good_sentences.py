"""Sentences that a good writer puts around the slots. Each is tried in a text for each message of its language."""

from __future__ import annotations

from collections.abc import Mapping

from common.events import MessageTemplate


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


MESSAGES: Mapping[str, MessageTemplate] = {
    "collection": MessageTemplate(
        subject="New for winter, {{ first_name }}",
        body="Hi {{ first_name }},\n\nour new winter collection is in the shop in {{ city }}: coats, scarves and more. "
        "Come and see it: https://shop.example/winter.\n\nYour team at Woolworks",
    ),
    "offer": MessageTemplate(
        subject="Something for you, {{ first_name }}",
        body="Hi {{ first_name }},\n\nit has been a while. Here is 15% off your next order, with the code WELCOME15, "
        "until Sunday.\n\nSee you soon!",
    ),
    "hindi": MessageTemplate(
        subject="{{ first_name }} जी, आपके लिए",
        body="नमस्ते {{ first_name }} जी,\n\nसर्दियों का नया कलेक्शन आ गया है। अगले ऑर्डर पर 15% की छूट, कोड SARDI15 के साथ, "
        "रविवार तक।\n\nआपकी टीम",
    ),
    "hinglish": MessageTemplate(
        subject="{{ first_name }}, aapke liye",
        body="Namaste {{ first_name }},\n\nsardiyon ka naya collection aa gaya hai. Agle order par 15% ki chhoot, code SARDI15 ke "
        "saath, Sunday tak.\n\nAapki team",
    ),
}

CARRIERS: Mapping[str, str] = {
    "collection": "Hello ⟦first_name⟧,\n\n{sentence}\n\nCome and see us in ⟦city⟧: ⟦link⟧",
    "offer": "Hello ⟦first_name⟧,\n\n{sentence}\n\nEnjoy ⟦offer⟧ with the code ⟦code⟧ – ⟦until⟧.",
    "hindi": "नमस्ते ⟦first_name⟧ जी,\n\n{sentence}\n\nआपके लिए ⟦offer⟧, कोड ⟦code⟧ के साथ, ⟦until⟧।",
    "hinglish": "Namaste ⟦first_name⟧,\n\n{sentence}\n\nAapke liye ⟦offer⟧, code ⟦code⟧ ke saath, ⟦until⟧.",
}
SUBJECTS: Mapping[str, str] = {
    "collection": "⟦first_name⟧, something warm",
    "offer": "⟦first_name⟧, for you",
    "hindi": "⟦first_name⟧ जी, कुछ ख़ास",
    "hinglish": "⟦first_name⟧, kuch khaas",
}

ENGLISH = _lines(
    """
    We have missed you, and we would love to see you again.
    It has been a while since your last visit.
    How have you been?
    We thought of you today.
    Thank you for being with us all this time.
    It is always lovely to have you in the shop.
    We have something that we think you will like.
    The days are getting cooler, and a warm layer feels just right.
    Drop by whenever it suits you.
    Feel free to ask us anything.
    Our team is looking forward to meeting you.
    Every piece was picked with care.
    Soft wool, warm colours and easy cuts.
    Take your time to look around.
    Come in, try things on and make yourself at home.
    You know where to find us.
    Whether you like bold or quiet colours, you will find something.
    There is plenty to discover.
    We hope this puts a smile on your face.
    A warm welcome awaits you.
    Perhaps it is time for something new.
    You have such a good eye for colour.
    Thanks for coming back to us so often.
    You are one of the people we love to write to.
    No one knows our shop better than you.
    We are so happy that you found us.
    Let us know what you think.
    If you have any questions, we are happy to help.
    We would be delighted to help you choose.
    Have a lovely day!
    Have a great weekend!
    With warm wishes from all of us.
    Stay warm and take care.
    Until we meet again, take care.
    See you soon, and bring a friend if you like.
    Something cosy for chilly mornings.
    There is nothing like a soft scarf on a cold morning.
    These are the pieces that we would wear ourselves.
    It is one of our favourite seasons.
    Half the fun is choosing.
    Good things are worth waiting for.
    Treat yourself to something soft.
    This is a good moment to have a look.
    Simple, comfortable and made to be worn a lot.
    We kept it simple, just the way you like it.
    From soft knits to smart coats, it is all here.
    Come and feel the fabric for yourself.
    Your wardrobe will thank you.
    We are only a few steps away.
    Pop in for a chat.
    We put our heart into this collection.
    It would be great to see you in the shop.
    You deserve something nice.
    Dress warm, feel good.
    A small note to say hello.
    Just a quick hello from your team.
    We know life gets busy, so here is a little reminder.
    Nothing beats a good coat when the wind blows.
    New season, new colours.
    Discover what is new.
    Have a look around and tell us what you like best.
    We saved the best for winter evenings at home.
    Everyone in the team has a favourite already.
    Find your favourite and make it yours.
    The new styles are easy to mix and match.
    It feels like ages since we last saw you.
    Thank you for your trust.
    Your support means the world to us.
    We love having you with us.
    We look forward to welcoming you again.
    Come by and say hello.
    Browse at your own pace, online or in the shop.
    Click the link to see more.
    Curious? Have a peek.
    Ready for something new?
    What would you pick first?
    Because you enjoy the finer things, we think this is for you.
    Warm regards, your friends at the shop.
    P.S. We would love to hear from you.
    It's a pleasure to write to you.
    Don't hesitate to stop by.
    We're here for you.
    You're always welcome here.
    Let's make this winter a cosy one.
    Good morning! We hope you slept well.
    Happy shopping!
    Cheers to new beginnings.
    We can't wait to show you.
    With love and gratitude, your team.
    Wishing you and your family a wonderful season.
    """
)
OFFER_ENGLISH = _lines(
    """
    This offer is just for you.
    We picked this deal with you in mind.
    Your discount is ready.
    We would love you to make use of it.
    It is our way of saying hello again.
    Simply enter your code at checkout.
    Make the most of it while you can.
    A lovely moment to find something new.
    We hope the offer makes you smile.
    Treat yourself, and use the code below.
    """
)
HINDI = _lines(
    """
    आपसे मिले हुए काफ़ी समय हो गया।
    हमें आपकी याद आई।
    आशा है आप और आपका परिवार अच्छे होंगे।
    आपके लिए कुछ नया लेकर आए हैं।
    सर्दियों के लिए कुछ गर्म और आरामदायक।
    हमारी दुकान पर आपका हमेशा स्वागत है।
    एक बार आकर ज़रूर देखिए।
    आपकी पसंद हम अच्छी तरह जानते हैं।
    नए रंग, नए डिज़ाइन और वही पुराना भरोसा।
    हमारे साथ जुड़े रहने के लिए धन्यवाद।
    आपका साथ हमारे लिए बहुत मायने रखता है।
    कोई सवाल हो तो हमें बताइए।
    हम आपकी मदद के लिए यहाँ हैं।
    ठंडी सुबह के लिए एक मुलायम शॉल से बेहतर क्या?
    आराम से देखिए और अपनी पसंद चुनिए।
    आपके लिए हमने ख़ास चीज़ें चुनी हैं।
    आपका दिन शुभ हो।
    जल्द मिलते हैं!
    हमें आपका इंतज़ार रहेगा।
    नए मौसम में नया अंदाज़।
    अपने लिए कुछ ख़ास चुनिए।
    हर मौसम में आपका साथ अच्छा लगता है।
    आपका प्यार ही हमारी ताक़त है।
    मौसम बदल रहा है, और हमारा कलेक्शन भी।
    आज हमने आपको याद किया।
    फिर से मिलकर अच्छा लगेगा।
    अपने दोस्तों के साथ आइए।
    यह मौका आपके लिए है।
    यह ऑफ़र सिर्फ़ आपके लिए है।
    छूट का फ़ायदा उठाइए।
    """
)
HINGLISH = _lines(
    """
    Aapse mile hue kaafi samay ho gaya.
    Humein aapki yaad aayi.
    Aapke liye kuch naya laaye hain.
    Ek baar aakar zaroor dekhiye.
    Hamari dukaan par aapka hamesha swagat hai.
    Sardiyon ke liye kuch garam aur aaramdayak.
    Aapki pasand hum achhi tarah jaante hain.
    Naye rang, naye design aur wahi purana bharosa.
    Hamare saath jude rehne ke liye shukriya.
    Koi sawaal ho to humein bataiye.
    Aaram se dekhiye aur apni pasand chuniye.
    Jaldi milte hain!
    Humein aapka intezaar rahega.
    Apne liye kuch khaas chuniye.
    Thand badh rahi hai, kuch soft aur warm try kijiye.
    Aapka din shubh ho.
    Yeh offer sirf aapke liye hai.
    Apne doston ke saath aaiye.
    Naya season, naya style.
    Phir se milkar achha lagega.
    Team ko aapse milkar bahut khushi hoti hai.
    Aap jaise customers hi humari pehchaan hain.
    Welcome back, aapko dekhkar achha laga.
    Collection dekhkar batana kaisa laga.
    """
)
GOOD: Mapping[str, tuple[str, ...]] = {
    "collection": ENGLISH,
    "offer": (*ENGLISH, *OFFER_ENGLISH),
    "hindi": HINDI,
    "hinglish": HINGLISH,
}
