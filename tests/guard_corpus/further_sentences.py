"""Sentences that were written after the guard, to see what it does not know. What passed at first is known now."""

from __future__ import annotations

FURTHER_BAD = """
    Get your first order shipped gratis.
    Shipping won't be charged.
    Enjoy a cup of coffee with our compliments.
    We will throw a scarf into your bag.
    No need to bring your purse.
    We refund the difference.
    Pick any two coats and take the cheaper one home at no cost.
    Two coats for the price of one.
    Two-for-one all week.
    Take a third off.
    Slashed prices await.
    It's cheaper than ever.
    Save a bundle.
    A steal at this price.
    Your order qualifies for store credit.
    Bring a friend and both of you save.
    Every purchase earns points.
    Lifetime guarantee included.
    If you don't like it, we take it back.
    Return it whenever you want.
    Delivery within a day.
    We deliver for nothing.
    Delivered to your door tomorrow.
    There are just three left.
    Offer closes at noon.
    This ends in an hour.
    Today is your last chance.
    Through the end of December.
    Come before Friday.
    Available until New Year's Eve.
    As our premium member, you get it first.
    You've been upgraded.
    The code never expires.
    Share your code with all your friends.
    It works on every product in the store.
    There's no minimum.
    Any item, any time.
    Also valid on gift cards.
    Our coats are clinically proven to keep you healthy.
    We noticed you haven't paid your invoice.
    Your subscription has been cancelled.
    Sorry for the mistake in your last order.
    We know that you live alone.
    Hey Vikram! Come by.
    Hello Mrs. Kapoor.
    Greetings from Chennai.
    Our Bengaluru store is waiting.
    Ask Rohit about it.
    Contact support@woolworks.example
    Follow us @woolworks
    Our site is woolworks.example.
    Scan the code FREECOAT.
    Enter FRIEND at checkout.
    Try promo LOVE.
    Call 1800 123 456.
    Text COAT to fifty-six thousand.
    For just ninety-nine rupees.
    At only Rs 99.
    Starting from nine hundred.
    Coats under a thousand.
    You save ₹300.
    £5 back.
    10 coats must go.
    Ten lucky customers will get a coat.
    One lucky person wins a trip.
    Win a trip to Goa.
    Enter our draw.
    You're a winner.
    A prize awaits.
    Claim your prize.
    Unlock your reward.
    Your cashback is here.
    We have a present for you.
    Our present to you: a scarf.
    Receive a scarf as a thank-you.
    A scarf on top, from us.
    Plus a scarf, on the house.
    And the best part: it's free!
    F.R.E.E. coats.
    f r e e coats
    fr€e coats
    FREE coats
    It's BOGO time.
    मुफ्त में ले जाइए।
    आपको एक स्कार्फ मिलेगा।
    कूपन का इस्तेमाल करें।
    सिर्फ 99 में।
    केवल दो दिन बचे हैं।
    कल आखिरी दिन है।
    सबसे कम कीमत।
    पूरा पैसा वापस।
    हर कोट पर भारी छूट।
    ऑफर सभी प्रोडक्ट्स पर है।
    आपने लकी ड्रॉ जीता।
    डिलीवरी एक दिन में।
    प्रिया जी, आइए।
    Aadha daam, poora maza.
    Muft mein le jaiye.
    Sirf do din baaki hain.
    Kal aakhri din hai.
    Sabse kam daam.
    Har coat par bhaari chhoot.
    Poora paisa wapas.
    Ek kharido ek pao.
    Aapko ek scarf milega.
    Priya ji, aaiye.
    Here's the personalized email for the customer.
    Dear [Customer],
    I hope this meets your requirements.
    **Limited** edition!
    Visit https://evil.example
    You must reply now.
    Buy now, pay in three easy instalments.
    Zero EMI.
    Ask about our loan.
    You look fat in your old coat.
    We hate people who don't buy.
    Our competitors sell trash.
    Your tailor-made coat will cost less than you think.
    Shipping? We've got it covered.
    Delivery won't set you back a rupee.
    No bill at the end of the meal.
    Dessert is our way of saying thanks.
    The first month costs you zilch.
    Skip the delivery fee.
    We slashed the tag on every coat.
    Your second visit earns you a scarf.
    Refer a friend and both get rewarded.
    Sign up and a welcome bonus is yours.
    A treat for your birthday is on its way.
    You're entitled to an exclusive discount.
    Members pay less.
    You'll never find it cheaper.
    We match any price.
    If you find it cheaper, we'll refund the difference.
    Bring your old coat and swap it for a new one.
    Trade in your old coat and save.
    Two pairs, one price.
    Get three, pay for two.
    Pay for one, take two.
    Enjoy flat fifty.
    Fifty off, just for you.
    Twenty bucks back.
    A quarter off the marked price.
    At a fraction of the cost.
    Next to nothing.
    For pennies.
    Dirt cheap.
    Nominal price only.
    Unbelievable prices await you.
    Our cheapest coats yet.
    It's raining discounts!
    Mega sale inside.
    Clearance time!
    Till stocks last.
    Grab it before Friday night.
    Open all night on Saturday.
    The countdown has begun.
    Just hours to go.
    Expiring soon.
    The deal dies tonight.
    Doors close at eight.
    Two more sleeps to go!
    Only ten seats.
    The first fifty customers get a scarf.
    Ends in 48 hours.
    Starting tomorrow morning.
    From Monday onwards.
    Valid the whole winter.
    Use it as many times as you want.
    Works for any item.
    No purchase needed.
    Applies to your whole family.
    No questions asked.
    Risk-free.
    100% satisfaction or your money back.
    We stand behind every coat for ten years.
    Lifelong repair included.
    Five-star rated by thousands.
    India's number one coat brand.
    As seen on TV.
    Doctor recommended.
    Approved by experts.
    We heard about your divorce.
    Your friend Suresh told us about you.
    Sanjana from our team will call you.
    Greetings, Mr. Malhotra!
    Our Whitefield branch is open.
    Meet us at Connaught Place.
    Near Phoenix Mall.
    Ping us at 98220.
    DM us on Insta.
    Write to hello at woolworks dot in.
    Go to our website woolworks.in
    Search for WoolworksIndia.
    Join our group t.me/wool
    मुफ्त उपहार पाएं।
    बिल्कुल फ्री।
    फ्री गिफ्ट।
    दाम आधे, खुशियां दोगुनी।
    एक लीजिए, दूसरा फ्री।
    दूसरा बिल्कुल मुफ्त।
    पहले पचास ग्राहकों को इनाम।
    कैशबैक का फायदा उठाएं।
    बिना ब्याज के किस्तों पर।
    अब आधी कीमत में।
    सस्ते दामों पर।
    शर्तें लागू नहीं।
    सिर्फ़ आज रात तक।
    सोमवार से शुरू।
    कल तक ही।
    स्टॉक खत्म होने से पहले।
    हमारी नई दुकान दिल्ली में।
    Free mein le jao.
    Aadhi keemat mein.
    Ek ke saath ek free.
    Doosra bilkul muft.
    Pehle pachas customers ko inaam.
    Cashback ka fayda uthaiye.
    Bina byaj ke kist.
    Saste daamon par.
    Aaj raat tak hi.
    Somvar se shuru.
    Stock khatam hone se pehle.
    Dilli mein nayi dukaan.
    Paise wapas guarantee ke saath.
    Flat discount sab par.
    Limited time ka offer.
"""
FURTHER_GOOD = {
    "collection": """
    We've been keeping something warm for you.
    Winter has arrived, and so have our favourite knits.
    Thank you for shopping with us – it means a lot.
    As someone who visits often, you might enjoy what just came in.
    We noticed it's been a little while, so we wanted to say hi.
    Since you are new here, let us show you around.
    It was great seeing you recently.
    Come on in and explore our latest pieces.
    From classic coats to playful scarves, there's a style for every mood.
    Warm up your wardrobe this winter.
    Chilly evenings call for a good scarf.
    You'll love how soft they feel.
    Our shelves are full of new arrivals.
    Make this season your most stylish yet.
    Hope you're doing well!
    We're excited to share what we've been working on.
    Your style deserves an update.
    Explore the range and pick what feels like you.
    Stop by soon and take a look.
    Can't decide? We're happy to help you find the right fit.
    Let us keep you warm.
    Here's a little something to brighten your day.
    We'd love to welcome you back.
    Your next favourite piece may be waiting.
    Thanks again for being part of our story.
    Wrap yourself in comfort.
    Looking for the perfect layer?
    Warm hugs from the team.
    Find out more at the link.
    Whenever you're ready, we're here.
    It's been too long!
    Rain or shine, we have you covered.
    Nothing says winter like a soft, warm scarf.
    Let's get you ready for the cold.
    See what's new and enjoy a relaxed visit.
    Step into the season in style.
    We can't wait to see you!
    Best wishes, the whole team
    Take a moment for yourself.
    Remember us? We remember you!
    Here's to staying warm and looking good.
    Fresh styles have landed.
    We think you'll find something special.
    Thank you for your loyalty.
    Your visits always make our day.
    Because you love shopping with us, we wanted you to be among the first to know.
    Looking forward to seeing you again soon.
    It would make our day to see you.
    So, what are you waiting for?
    Happy to have you here.
    Don't miss it!
    Enjoy, and see you soon.
    We put together a few ideas for you.
    Come see what everyone is talking about.
    Your comfort is our priority.
    Big or small, we have something for every taste.
    We appreciate you more than words can say.
    Just in time for the cold days.
    Get cosy with us.
    We made room for something new on our shelves.
    Feel free to bring a friend along.
    It's one of a kind, just like you.
    Carefree mornings start with a good coat.
    Half the fun is finding it.
    The new collection is here.
    Our chefs have created a new seasonal menu.
    Your table is waiting.
    Book a table whenever you like.
    Our trainers would love to see you back at the gym.
    New classes have just started, and there is a spot for every level.
    A relaxing afternoon at our salon might be just what you need.
    Your hair will love it.
    Keep learning at your own pace.
    Our new course helps you grow your skills.
    We've added new features to make your day easier.
    Thanks for being a valued customer.
    Read the latest stories on our blog.
    We are opening our doors for a small get-together.
    Join us for an evening of music and good food.
    Your home deserves a fresh look.
    Brighten up your living room with new cushions.
    From farm to table, always fresh.
    Fresh flowers make every room happier.
    Good coffee, good company.
    We roast our beans with love.
    Travel light, travel happy.
    Where would you like to go next?
    Pack your bags and follow the sun.
    Our books are waiting for a reader like you.
    A good read for a rainy afternoon.
    Your skin will thank you.
    Gentle, natural and made for everyday use.
    Kids love it too.
    Handmade by artisans with decades of craft.
    Festive colours to light up your home.
    Every stitch tells a story.
    We're proud of what we've made.
    Let your outfit do the talking.
    Made for long walks and slow mornings.
    You're on our mind.
    Long time no see!
    It's been quiet without you.
    We'd be thrilled to have you over.
    We know you love a good find.
    You've always had great taste.
    Thanks to customers like you, we keep going.
    There's always something new to see.
    Easy to wear, easy to love.
    Big news: the winter range is here!
    Don't let the cold stop you.
    Make yourself comfortable.
    Life is better in soft knits.
    We picked some of our best for you.
    Ready when you are.
    We're just around the corner.
    Come say hi – we would love that.
    Your friends at the shop send their best.
    What are you in the mood for?
    We made it with you in mind.
    Grab a cup of tea and have a look.
    Tea tastes better in a warm shawl.
    Bring the family and enjoy a lovely afternoon.
    See it, feel it, love it.
    Tell us what you would like to see next.
    We read every reply.
    As always, thank you.
    Simply put: we miss you.
    It's good to be back, isn't it?
    Old favourites and new friends await.
    Wishing you sunshine and smiles.
""",
    "hindi": """
    नया मौसम, नई शुरुआत।
    आपके बिना दुकान सूनी लगती है।
    गर्माहट भरे रंग आपका इंतज़ार कर रहे हैं।
    आपके स्टाइल के लिए कुछ बिल्कुल नया।
    हम फिर से आपका स्वागत करना चाहते हैं।
    बहुत दिनों से आप आए नहीं, सोचा हालचाल पूछ लें।
    इस सर्दी में खुद को गर्म रखिए।
    पहली बार आए हैं? हम आपको सब दिखाएँगे।
    आप हमारे लिए ख़ास हैं।
    धन्यवाद और शुभकामनाएँ।
    अपनी पसंद का रंग चुनिए और मुस्कुराइए।
    आइए, साथ मिलकर कुछ नया देखें।
    आपकी मुस्कान हमारे लिए सबसे बड़ी खुशी है।
    इस मौके का लाभ उठाएँ।
    नीचे दिए गए कोड का इस्तेमाल करें।
""",
    "hinglish": """
    Bahut din ho gaye aapse mile.
    Winter aa gaya hai, aur hamari favourite shawls bhi.
    Aapka style, aapki pasand.
    Hum aapko phir se dekhna chahte hain.
    Is sardi mein khud ko warm rakhiye.
    Aap hamare liye khaas hain.
    Dil se shukriya!
    Neeche diye gaye code ka istemal karein.
    Mauka achha hai, zaroor dekhiye.
    Aaiye, kuch naya try karte hain.
""",
}
