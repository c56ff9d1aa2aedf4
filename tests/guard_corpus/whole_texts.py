"""Whole texts for messages of many trades: good ones, and ones in which one clause promises or claims something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


@dataclass(frozen=True, slots=True)
class WholeTexts:
    """A campaign's message, and texts that a model might write for it."""

    message: str
    good: tuple[str, ...]
    bad: tuple[str, ...]


WHOLE_TEXTS: Mapping[str, WholeTexts] = {
    "bakery": WholeTexts(
        message="Hi {{ first_name }}, our new rye bread is in the bakery. Come and taste it. 10% off with RYE10 until Friday.",
        good=_lines(
            """
            The oven has been busy since dawn, and the whole street smells of rye.
            There is a new loaf on our shelf, dark and a little sour, and we think you would get along.
            It has been a while since you stopped by, so we thought we would write.
            You often come in before the school run, so you may have smelled it already.
            Tear off a piece, add butter, and tell us what you think.
            We have been trying out flours all summer, and rye is the one we kept coming back to.
            If you are passing, come in out of the rain and have a slice with us.
            Some breads want soup, some want cheese; this one is happy with either.
            Have you ever had rye for breakfast with a little honey?
            Good bread takes time, and so does a good chat. Come by for both.
            Our baker is rather proud of it, and we cannot blame her.
            The first loaves came out of the oven this morning.
            We would love to know whether you like it as much as we do.
            Whether you toast it or eat it plain, it is a loaf with character.
            Nice to have you with us. Since you are new here, the rye might be a good place to start.
            Crisp on the outside, soft in the middle.
            """
        ),
        bad=_lines(
            """
            Yesterday's loaves go home with whoever comes in last.
            We put one behind the till with your name on a slip of paper.
            Eat it every day and your stomach will thank you by Sunday.
            The flour comes straight from a single field that has never seen a chemical.
            Ring before nine and a loaf will be hanging on your gate.
            If it goes stale before the weekend, the next one doesn't count.
            No other bakery on this side of the river bakes it.
            The coffee that goes with it has already been taken care of.
            There were only a handful of loaves when we wrote this.
            Come twice and the third visit is something we won't write down.
            Our recipe took the gold medal last autumn.
            Diabetics can have as much of it as they like.
            Anything still on the shelf at closing time leaves for half.
            Hand over this note and nobody will ask you to open your purse.
            """
        ),
    ),
    "optician": WholeTexts(
        message="Dear {{ first_name }}, our new frames have arrived at Clearview. Take ₹500 off any pair with LOOK500 until 15 July.",
        good=_lines(
            """
            A new tray of frames is on the counter, from quiet tortoiseshell to a rather loud red.
            You know your own face best, so come in and try a few on.
            It is some time since we saw you at Clearview, and we hope you are keeping well.
            Some people like their glasses to go unnoticed; others like them to start a conversation.
            Thank you for coming to us for so long.
            Bring a friend with an honest opinion and take your time at the mirror.
            We unpacked the boxes this morning and had a lot of fun trying them on ourselves.
            Round, square, or somewhere in between?
            The new frames are in, and we would be happy to show them to you.
            There is a mirror, a chair and a cup of tea waiting.
            If you have been meaning to change your look, this might be the moment.
            We are glad to have you as a customer and hope to see you again soon.
            Light frames for long days, bold ones for evenings out.
            """
        ),
        bad=_lines(
            """
            We will test your eyes while you are here and nobody will send a bill.
            Sit on them, drop them, lose a screw: bring them in and we put them right, now and in ten years.
            These lenses slow down short sight in children.
            Your old pair still has some life in it: we will knock its price off the new one.
            They are ready within the hour, so you can wait.
            We noticed that your eyes got worse last time.
            Your insurance takes care of the rest.
            A leather case and a cloth come along with whatever you choose.
            If you don't like what you see in the mirror at home, you get your rupees back.
            Not one optician in the state carries these.
            Headaches in the evening will be a thing of the past.
            We have put two pairs aside in your size.
            Send us a photo of your prescription and your card, and we start at once.
            """
        ),
    ),
    "salon": WholeTexts(
        message="Hi {{ first_name }}, Salon Meher now offers henna evenings. Book for ₹499 with HENNA499 until Saturday.",
        good=_lines(
            """
            Music, good company and a quiet hour with henna: that is how we picture it.
            Your favourite chair misses you, and so do we.
            We have started something new in the evenings, and we thought you would like to hear of it first-hand.
            It has been too long since we had you in the salon.
            Come after work, put your feet up and let the day go.
            Bring your sister, bring your stories.
            We love seeing you so often, and this is one more reason to drop in.
            Flowers, vines, a tiny peacock? Tell us what you have in mind.
            The evenings are calm, the lights are low and the tea is hot.
            We hope that the new evenings are to your taste.
            Perhaps there is a wedding coming up, or perhaps you just want a quiet evening.
            Choose a pattern, lean back and enjoy.
            """
        ),
        bad=_lines(
            """
            Stay for a head massage; that one is our pleasure.
            The colour stays for a month or we do it again.
            Your friend sits beside you and pays nothing.
            Meher herself has kept Thursday evening open for you.
            Our henna cools the body and brings down blood pressure.
            Every visit puts another flower on your card, and the fifth is worth a facial.
            We come to your house if you have guests.
            It is the henna that film stars ask for.
            Six seats, and four of them are gone.
            You can move or drop your booking up to the last minute and it won't matter.
            No rash, no itch, whatever your skin is like.
            We'll see to it that you are out in thirty minutes.
            """
        ),
    ),
    "travel": WholeTexts(
        message="Hello {{ first_name }}, our hill trips for the rains are out at Trailmates. 8% off with HILLS8 until 20 June.",
        good=_lines(
            """
            Clouds below you, tea in your hand, and a path that smells of wet earth.
            You have walked with us before, so you know how we like to do it: slowly.
            We have not been on the road together for a while.
            The hills turn green in a week, and it is a sight that we never tire of.
            Some of us like the climb, some like the view, and some are there for the food.
            Pack a raincoat and a good book.
            If the city is getting loud, the hills are calling.
            We put the new routes on the wall this morning and stood there for a long time.
            Tell us where you would like to go next.
            Do you still have the boots?
            Since you are new to Trailmates, an easy walk may be a nice start.
            Rain on the roof, mist at the window, nowhere to be.
            We would love to have you along.
            """
        ),
        bad=_lines(
            """
            If it pours, we take you again next month and ask for nothing.
            The bus picks you up at your gate.
            Your tent, boots and raincoat are part of it.
            Children under twelve come along without counting.
            You can cancel on the morning of the trip and get it all back.
            Nobody has ever been hurt on one of our walks.
            We have blocked a window seat for you.
            A doctor walks with every group.
            Pay half now and the rest when the leaves fall.
            We know the forest officer, so the gate opens earlier for our groups.
            Breakfast and dinner are looked after.
            The trips were voted the finest in the western hills.
            """
        ),
    ),
    "furniture": WholeTexts(
        message="Dear {{ first_name }}, the new oak tables are in our showroom. 12% off with OAK12 until 31 March.",
        good=_lines(
            """
            A table is where the day begins and where it ends.
            Come and run your hand over the grain; no photograph can tell you how it feels.
            You have been in our showroom so often that you will notice the change at once.
            We moved the sofas to make room for them.
            Spring is a good time to think about a room again.
            Homework, dinners, card games: a table sees it all.
            It is a while since we met, and the showroom looks different now.
            The oak is pale at first and grows darker with the years.
            We like how simple they are.
            Bring the measure of your room, and we can think about it together.
            Would you rather have it round or long?
            Thank you for making a home with us.
            The smell of fresh wood greets you at the door.
            """
        ),
        bad=_lines(
            """
            Two strong men carry it up your stairs and take the old one away.
            It will still be standing when your grandchildren marry.
            Live with it until summer; if it does not suit the room, we fetch it.
            Chairs? We won't let you go home with a table alone.
            The wood was cut in a forest where two trees are planted for each.
            You won't see a single instalment before Diwali.
            We make each table to the length of your wall and it changes nothing on the slip.
            Scratches, rings, burns: we sand them out whenever you ask.
            The same table stands in the president's house.
            Your last table from us was shaky, so this one is between us.
            Ask for Dev, he decides what the family pays.
            We will hold yours in the store until the flat is ready.
            """
        ),
    ),
    "school": WholeTexts(
        message="Hi {{ first_name }}, evening Spanish classes start at Lingua House. Join for ₹1,800 a month with HOLA until 10 May.",
        good=_lines(
            """
            Imagine ordering your coffee abroad and being understood.
            We have started evening classes, for people whose days are full.
            A small group, a big table, and a lot of laughing at ourselves.
            It has been some time since you sat in one of our rooms, and we miss your questions.
            You already know the way up the stairs.
            No one is too old for a new word.
            If you have been thinking of learning a language, now would be a lovely time to begin.
            Songs, stories, and a little grammar, we have to admit.
            The days are getting longer, and the windows are open in the evening.
            Come and listen for a moment; you can decide afterwards how you feel about it.
            Hola is easy. The rest comes with practice.
            We look forward to hearing from you.
            """
        ),
        bad=_lines(
            """
            By autumn you will dream in Spanish.
            The books are on the table when you arrive and you take them home.
            Miss a class and we teach it again, only for you.
            Everybody who sat the exam with us has passed it.
            The first evenings are not counted.
            Stop when you want; there is no paper to sign.
            Your daughter may sit in, one fee is enough.
            A certificate that every company knows is yours at the end.
            We keep the chair next to the window for you.
            Our teacher used to teach the king.
            You'll find work in Spain, most of our students do.
            Whoever joins this week never pays more.
            """
        ),
    ),
    "pets": WholeTexts(
        message="Hi {{ first_name }}, a new range of dog food is in at Paws & Co. Get 15% off with WAGS15 until Monday.",
        good=_lines(
            """
            Somebody at home will be wagging when you open the bag.
            We think of you and of a certain wet nose whenever the door opens.
            It is a while since the two of you came in.
            There is a new shelf near the window, at just the right height for sniffing.
            How is the puppy? Bigger, we suppose.
            You come by so often that our own dog knows your step.
            Long walks, muddy paws and a full bowl: that is a good day.
            Come in and have a look, and bring the boss along.
            We are curious what your dog has to say.
            The new bags are in, and they smell better than our lunch.
            If your dog is a picky one, you will know the look we mean.
            We would be happy to help you choose.
            """
        ),
        bad=_lines(
            """
            The vet in our shop looks at the teeth while you wait.
            No more scratching after two bowls.
            Your dog turns up its nose? We take the open bag.
            A ball finds its way into the bag, from one dog lover to another.
            We bring a sack round on the first of each month without your having to think of it.
            Nine out of ten dogs leave the other bowl.
            Dogs that eat it live longer.
            There isn't a bag of this left in the other shops.
            We'd whisper a lower figure if you take three.
            Made from meat that you could eat yourself, tested twice.
            Wash and trim go with it this month.
            Tell us your address and when you are at work, and we put it in the kitchen.
            """
        ),
    ),
    "hindi_saree": WholeTexts(
        message="नमस्ते {{ first_name }} जी, बनारसी साड़ियों का नया कलेक्शन आ गया है। 20% की छूट, कोड SAREE20 के साथ, रविवार तक।",
        good=_lines(
            """
            रेशम की चमक और हाथ की बुनाई, आकर देखिए तो सही।
            काफ़ी समय से आपसे मिलना नहीं हुआ, उम्मीद है आप ठीक होंगी।
            त्योहार पास है और दुकान में रंग ही रंग हैं।
            आप अक्सर आती रहती हैं, इसलिए सोचा कि आपको ज़रूर बताएँ।
            माँ को साथ लाइए, चाय पर बैठकर आराम से देखेंगे।
            हर साड़ी की अपनी एक कहानी होती है।
            शादी का मौसम हो या कोई छोटा सा त्योहार, कुछ न कुछ मन को भा ही जाता है।
            कुछ रंग ऐसे हैं जिन्हें देखते ही आपका ख़याल आया।
            पहली बार आ रही हैं? हम आपको सब आराम से दिखाएँगे।
            मन करे तो शाम को टहलते हुए आ जाइए।
            आपका आना हमें हमेशा अच्छा लगता है।
            """
        ),
        bad=_lines(
            """
            ब्लाउज़ की सिलाई हम अपनी ओर से करा देंगे।
            घर पर खोलकर देखिए, न भाए तो हम उठा लाएँगे।
            एक पीली साड़ी आपके लिए अलमारी में रख छोड़ी है।
            इन साड़ियों का रंग बीस साल में भी फीका नहीं होगा।
            पूरे बनारस में ऐसी बुनाई दूसरी नहीं।
            पैसे दिवाली के बाद दे दीजिएगा।
            पुरानी साड़ी लाइए, नई से बदल देंगे।
            दो साड़ियों पर तीसरी अपने आप जुड़ जाएगी।
            बस चार-पाँच ही बची हैं।
            आज फ़ोन कीजिए, कल सुबह साड़ी आपके हाथ में।
            """
        ),
    ),
    "hinglish_cafe": WholeTexts(
        message="Hi {{ first_name }}, hamara naya masala chai menu aa gaya hai. 10% off with CHAI10, Sunday tak.",
        good=_lines(
            """
            Baarish ho, chai ho aur thodi si gupshup, aur kya chahiye?
            Kaafi time se aap aaye nahi, sab theek hai na?
            Naya menu dekhkar batana kaisa laga.
            Aap aksar shaam ko aate ho, to is baar kuch naya try karo.
            Adrak, elaichi ya dono, aapki marzi.
            Doston ke saath aao, thodi der baitho.
            Khidki wali seat par baithkar baarish dekhne ka maza hi alag hai.
            Hum aapko miss kar rahe hain.
            Thand badh rahi hai, garam chai ka mausam hai.
            Pehli baar aa rahe ho? Hum bata denge kya special hai.
            """
        ),
        bad=_lines(
            """
            Chai ke saath biscuit humari taraf se.
            Pasand na aaye to paise mat dena.
            Window seat aapke naam kar di hai.
            Ek dost laao, uski chai ka bill nahi banega.
            Roz piyo, sardi zukaam bhaag jaayega.
            Shehar mein aisi chai kahin nahi milegi.
            Phone kar do, thermos ghar par aa jaayega.
            Paanch baar aao, chhathi baar jeb mein haath mat daalna.
            Sunday ke baad bhi aaoge to hum mana nahi karenge.
            Kuch hi cup bache hain.
            """
        ),
    ),
}
