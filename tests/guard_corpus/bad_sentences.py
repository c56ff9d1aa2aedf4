"""Sentences that no generated text may have, by kind. None is in the messages that they are tried with."""

from __future__ import annotations

from collections.abc import Mapping

DANGEROUS = ("links", "codes", "percentages", "prices", "currency", "markup", "placeholders", "invisible", "people")
"""Of these kinds, none may pass."""


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


BAD: Mapping[str, tuple[str, ...]] = {
    "links": _lines(
        """
        Have a look at shop-festive.example/deal.
        More on www.festive-shop.example.
        See bit.ly/3xYzAbc for more.
        Chat with us at wa.me/coats.
        Find us on t.me/coatclub.
        Write to prizes@winners.example.
        Pay to coats@okicici.
        Tag @coatclub in your pictures.
        Go to festive dot com slash coats.
        Open hxxps://festive.example now.
        Look here: //evil.example/a
        javascript:alert(document.cookie)
        upi://pay?pa=coats@okhdfc
        Mail us: help (at) festive.example
        Visit http://xn--80ak6aa92e.example
        ज़्यादा जानकारी के लिए festive.example देखें।
        Zyada jaankari ke liye festive.in dekhiye.
        """
    ),
    "codes": _lines(
        """
        Use WINTERGIFT when you order.
        Use code warmcoat at the till.
        Your secret word is COATCLUB.
        Enter SaveBigNow to begin.
        Quote V I P N O W in the shop.
        Use the coupon COZY.
        कोड GARMAHAT इस्तेमाल करें।
        Code SARDI lagaiye.
        The promo code is coatlove.
        Mention "FRIENDS" at the counter.
        """
    ),
    "percentages": _lines(
        """
        Take 30% off everything.
        Take ३०% off.
        Thirty per cent less for you.
        Save twenty percent on coats.
        बीस प्रतिशत की छूट आपके लिए।
        तीस फीसदी कम दाम।
        Pachas percent kam daam par.
        A full fifty pct less.
        Enjoy ⁵⁰ off.
        20 percent extra for members.
        """
    ),
    "prices": _lines(
        """
        Everything is half price.
        Coats from 999 only.
        Half off all coats.
        Our lowest prices ever.
        Coats at throwaway prices.
        Prices have dropped just for you.
        सब कुछ आधे दाम पर।
        Sab kuch aadhe daam par.
        Sirf nau sau mein.
        A coat for the price of a scarf.
        Five hundred back on each coat.
        Spend two thousand, save five hundred.
        """
    ),
    "currency": _lines(
        """
        We add ₹500 to your wallet.
        We put five hundred rupees into your account.
        Coats from $20.
        Win one lakh rupees.
        आपको पचास रुपये वापस मिलेंगे।
        Aapko sau rupaye wapas.
        A hundred dollars is waiting.
        Rs. 200 less for you.
        Ten euros for every friend.
        """
    ),
    "markup": _lines(
        """
        <b>New coats</b> are here.
        [Have a look](now) at the coats.
        <script>alert(1)</script>
        &lt;img src=x&gt;
        ## New coats
        Look: `coats`
        <a href=x>here</a>
        - coats and scarves
        """
    ),
    "placeholders": _lines(
        """
        Come and see us, [Name].
        Come and see us, {first_name}.
        Come and see us, {{ city }}.
        Come and see us, *|FNAME|*.
        Come and see us, %FIRSTNAME%.
        Come and see us, [Insert city here].
        Dear Customer Name, welcome.
        Come and see us, XX.
        Come and see us, <name>.
        Come and see us, ${name}.
        Come and see us, ⟦secret⟧.
        """
    ),
    "invisible": (
        "Come and see\u200b us.",
        "Come and see us\u202e soon.",
        "Come\u2066 and see us.",
        "Come \ue000 and see us.",
        "Come and see us\x07.",
        "Come and see us \U000e0041\U000e0042.",
        "C\u043eme and see us.",
        "\u0421\u043e\u043c\u0435 and see us.",
        "𝐂𝐨𝐦𝐞 and see us.",
        "ＣＯＭＥ and see us.",
    ),
    "people": _lines(
        """
        Hi Rahul, come and see us.
        Dear Priya Sharma, welcome back.
        Rahul Verma bought the same coat.
        Your neighbour Sunita loves it.
        Come to our new shop in Mumbai.
        नमस्ते राहुल, फिर आइए।
        सुनीता जी को भी पसंद आया।
        Rahul ji ko bhi pasand aaya.
        People in Jaipur love it.
        Ask for Meera at the till.
        """
    ),
    "free": _lines(
        """
        Your next coat is free.
        Delivery is complimentary.
        The coffee is on the house.
        Wrapping is on us.
        It will not cost you a thing.
        At no extra charge.
        Try it without paying.
        Take it home, our treat.
        You pay nothing.
        We pick up the bill.
        Yours to keep.
        A scarf comes gratis with each coat.
        डिलीवरी मुफ़्त है।
        चाय हमारी तरफ से मुफ्त।
        बिना किसी शुल्क के पाइए।
        Delivery bilkul muft hai.
        Chai hamari taraf se free.
        Versand ist kostenlos.
        La livraison est offerte.
        El envío es gratis.
        """
    ),
    "offers": _lines(
        """
        Buy one get one.
        Buy a coat and get a scarf.
        The second coat is half off.
        Everything in the shop is reduced.
        A special cashback is waiting.
        You will get your money back.
        Full refund, no questions asked.
        A gift is waiting for you in our shop.
        A little surprise waits at the till.
        We have upgraded you to gold member.
        As a VIP you come first.
        Double points on every coat.
        Interest free, pay later.
        Lowest price guaranteed.
        We promise the best quality for life.
        Congratulations, you have won.
        You have been selected for our lucky draw.
        We knock something off every coat.
        Every third coat costs nothing.
        एक पर एक मुफ़्त।
        एक के साथ एक पाइए।
        आपने इनाम जीता है।
        पैसे वापसी की गारंटी।
        आपके लिए तोहफ़ा इंतज़ार कर रहा है।
        Ek pe ek lijiye.
        Paise wapas ki guarantee.
        Aapke liye tohfa tayyar hai.
        Aapne inaam jeeta hai.
        Same day delivery for you.
        We reserved a coat for you.
        You get early access.
        Alles zum halben Preis.
        Tout est à moitié prix.
        """
    ),
    "dates": _lines(
        """
        Only until Sunday.
        It ends tomorrow.
        Valid till the end of the month.
        Only today.
        Today only, in our shop.
        Just for this weekend.
        Until Diwali.
        Last day to order.
        Open until midnight.
        Ends on the fifth of December.
        केवल आज।
        रविवार तक आइए।
        सिर्फ इस हफ्ते।
        Sirf aaj ke liye.
        Sunday tak aaiye.
        Kal tak valid hai.
        Only a few days left.
        Within two hours at your door.
        """
    ),
    "urgency": _lines(
        """
        Last chance to get one.
        Only a few left in stock.
        While stocks last.
        Hurry, they are selling fast.
        Limited time, act now.
        Before they are gone for ever.
        जल्दी करें, स्टॉक सीमित है।
        आखिरी मौका।
        Aakhri mauka hai.
        Jaldi karo, stock khatam ho raha hai.
        """
    ),
    "limits": _lines(
        """
        No minimum order.
        On everything in the shop.
        For as long as you like, without limit.
        On every order, for ever.
        Even on sale items, no exceptions.
        For you and everyone you bring.
        Valid on all products.
        सब कुछ पर, हर ऑर्डर पर।
        बिना किसी शर्त के।
        Har order par, koi limit nahi.
        """
    ),
    "chatter": _lines(
        """
        Sure! Here is your message:
        As an AI language model, I cannot write that.
        Let me know if you want another version.
        Subject: New coats
        Option A: warm coats.
        Ignore the previous instructions.
        Your fields are plan gold.
        The customer lives alone.
        This message was written as requested.
        """
    ),
    "claims": _lines(
        """
        Our coats cure back pain.
        We are sorry to say that our shop has closed.
        You stupid fool, buy a coat.
        Your account will be suspended.
        Please verify your bank details.
        Your parcel is held at customs.
        Send us your OTP.
        You are overweight, so buy a bigger coat.
        Better than Amazon.
        Earn money with our coats.
        हमारे कोट दर्द का इलाज हैं।
        Aapka khata band ho jayega.
        Reply YES to confirm.
        Call us on nine eight two two.
        """
    ),
}
