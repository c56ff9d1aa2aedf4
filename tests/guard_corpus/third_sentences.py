"""Promises that were paraphrased, and good sentences, written before the validator of commitments.

How many passed in some message, without it and with it at the first try: of `SEEN`, which it was written for, 12 and 0 of
40; of `HELD_OUT`, which nobody looked at until then, 11 and 4 of 40; of `LAST_BAD`, written after that, 11 and 5 of 30.
What was missing was added since.
"""

from __future__ import annotations

SEEN = """
    We'll cover the postage for you.
    We will knock a bit off the bill.
    You will pay nothing for the tailoring.
    Whatever you pick, we halve it.
    Your next visit is on our account.
    We'll wrap it without asking for a rupee.
    We'll have it at your place by the weekend.
    Your size is being held for you.
    We have put one aside with your name on it.
    You'll find something extra in your parcel.
    We'll match any price you find.
    If it wears out, we'll mend it for as long as you live.
    Nobody will ask you for a receipt.
    You can bring it back whenever, no questions asked.
    We're extending it just for you.
    We have raised it for our favourite people.
    It counts for your whole family.
    You may use it as often as you like.
    You're one of the lucky ones.
    Your name was drawn.
    A surprise is waiting at the counter for you.
    Come in and pick up your present.
    We'll double whatever you choose.
    You won't have to wait for it.
    The second one costs you nothing.
    Keep the change.
    Pay us later, whenever you can.
    We'll take your old coat in exchange.
    We'll pay the tax for you.
    You have credit left with us.
    We are giving away scarves to everyone who comes.
    You're entitled to more than the others.
    This will make you look years younger.
    You'll never be cold again, we swear.
    We can deliver it the same evening.
    Our tailor will come to your home.
    हम आपका डाक खर्च उठा लेंगे।
    आपके लिए एक तोहफ़ा रखा है।
    Hum aapke liye ek rakh denge.
    Paise baad mein dena.
"""
HELD_OUT = """
    We'll settle the courier's bill.
    Shipping is our problem, not yours.
    We'll shave something off for you.
    It'll be lighter on your pocket than ever.
    You get to keep both.
    The lining comes with it, on our tab.
    We'll throw in the buttons.
    We've reserved a pair for you.
    You'll have it in your hands by dinner.
    We'll swap it if it doesn't fit.
    We'll send someone to collect it.
    Bring along a friend and we'll do the same for them.
    We'll stretch it for another week if you ask.
    You've earned something special.
    You have been picked from thousands.
    There's a little something with your name on it at the till.
    We'll repair it for ever.
    We'll beat any other shop.
    You won't be charged for trying.
    We'll upgrade you.
    You can settle up next month.
    We'll credit your account.
    You are getting the best deal of all.
    You'll save a fortune.
    Everything in the shop counts.
    The first round is ours.
    We'll reimburse your taxi.
    We promise it will last a lifetime.
    This coat will cure your cold.
    You'll get your money's worth and more, or we'll make it right.
    We're handing out goodies at the door.
    We'll let you have it for a song.
    Our gift wrapping costs you not a paisa.
    We'll ship it overnight.
    Anyone you send us gets the same.
    We'll keep it open late just for you.
    आपको कुछ नहीं देना होगा।
    हम बिना पैसे लिए सिल देंगे।
    Aapko kuch nahi dena padega.
    Hum ghar tak pahuncha denge.
"""
GOOD = """
    We'll be glad to see you.
    We will be happy to help you find what suits you.
    We'd love to show you around.
    You'll find us where you left us.
    You will feel at home.
    We'll be here.
    You'll see, the shelves look different now.
    We hope you will like what we have chosen.
    You can take your time.
    You can simply look around.
    We have been thinking of you.
    We have put a lot of care into it.
    We have thought about colours for a long time.
    You have good taste.
    You are always welcome.
    You're part of what makes our days bright.
    We will never forget how it all began.
    You may know the feeling.
    We can hardly wait to see you.
    You'll recognize the smell of wool.
    We've missed you.
    We're looking forward to your visit.
    It will be lovely to catch up.
    You'll love the new colours.
    We'll tell you all about it when you come.
    We'll put the kettle on.
    You will notice the difference.
    We'll think of you.
    Our team will be around to help.
    We would like to hear how you are.
    You can wear it to work or on a walk.
    It goes well with almost everything.
    We are always happy about a visit.
    You know where to find us.
    We have set the table, so to say.
    You have been on our minds.
    हम आपसे मिलकर खुश होंगे।
    आपको यहाँ अच्छा लगेगा।
    Aapko accha lagega.
    Hum aapka intezaar karenge.
"""
LAST_BAD = """
    Your basket travels home without charge on your side.
    We'll pick up the check.
    We'll look after the customs forms and what they cost.
    You can send it back any time.
    You may exchange it until you are happy.
    We'll stitch your initials on it for nothing in return.
    You will be first in line.
    It will be at your doorstep before you know it.
    Your seat is saved.
    We're slashing what it costs.
    We are adding a second one to your order.
    You've been moved to our inner circle.
    Everybody who comes by gets a scarf.
    The old one counts towards the new one.
    They will last for generations.
    Nobody else will get this.
    We'll refund whatever you didn't like.
    If you find it elsewhere for less, we will pay the rest.
    Our driver will bring it tonight.
    You won't find it for less.
    You don't need to pay before spring.
    We have kept the best seat for you.
    We can make it in any colour for you.
    You deserve a reward, and it is here.
    हम इसे आपके घर तक भेजेंगे।
    आपको एक और मिलेगा।
    Aapko paise wapas milenge.
    Hum dusra bhi dila denge.
    Wir schenken dir den zweiten.
    Te lo regalamos.
"""
LAST_GOOD = """
    We'd be so happy to welcome you.
    You'll be surprised how soft it feels.
    You can always write to us.
    You may like the green one.
    It will look lovely on you.
    They will go well with your boots.
    We are thinking of you.
    We're always here for a chat.
    We have changed a few things in the shop.
    We've learned a lot since then.
    You have always been kind to us.
    Everyone here remembers you.
    It will make you smile.
    We will gladly show you everything.
    We could talk about wool all day.
    If you like, come and have a look.
    When you come, we'll have a chat.
    हम आपको याद करते हैं।
    आपसे मिलकर खुशी होगी।
    Aapko yeh pasand aayega.
"""
