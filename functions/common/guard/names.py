"""Names of people and places that are not in a slot: after a greeting, from a list, or by their capital letter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.folding import MARKS, Word, word_set
from common.guard.phrases import Phrases

GREETINGS = Phrases(
    """
    (hi|hello|hey|dear|hiya|greetings|namaste|namaskar|pranam|welcome|hallo|bonjour|hola|ciao|ola|liebe|lieber|cher|chere)
    good (morning|afternoon|evening|day)
    welcome back
    (नमस्ते|नमस्कार|प्रिय|प्रणाम|हैलो|हेलो|स्वागत है)
    """
)
AFTER_A_GREETING = word_set(
    """
    there everyone everybody friend friends all folks again dear valued our from and you to customer customers
    shopper member how its we this the team aap aapko aapke dost doston ji hello hi hey namaste for in at on home
    back sir madam lovely beautiful stylish gorgeous neighbour neighbor my fellow guest patron reader both wherever
    is आप आपको आपके आपका आपकी दोस्त दोस्तों मित्र मित्रों ग्राहक ग्राहकों जी प्रिय हम हमारे हमारी हमारा कैसे और फिर
    एक सभी सब में नमस्ते हैलो साथी साथियों परिवार यह ये क्या है कुछ
    """
)
LATIN_NAMES = word_set(
    """
    aarav aditi aditya ajay akash amit amitabh ananya anil anita anjali ankit arjun arun asha ashok bhavna chetan
    deepa deepak deepika divya esha farhan fatima gauri gopal harish harsh imran isha ishaan jaya kabir kavita kavya
    kiran krishna lakshmi lata mahesh manish manoj meena meera mohan mohammed mukesh nandini neha nikhil nisha omar
    pankaj pooja prakash pradeep pranav prasad priya priyanka radha rahul raj rajesh raju rakesh ram ramesh rani
    ravi rekha rita ritu riya rohan rohit sachin salman sana sandeep sanjay sapna sara sarah shanti shreya shyam
    simran sita sneha sonia sunil sunita suresh swati tara uma usha varun vidya vijay vikas vikram vinod vivek yash
    zoya zara mallory alice john jane david michael maria anna peter thomas james robert emma olivia liam noah mary
    paul agarwal bose chopra das desai fernandes ghosh gupta iyer jain joshi kapoor khan kulkarni kumar mehta menon
    mishra nair patel pillai rao reddy roy shah sharma singh varma verma yadav chauhan malhotra bhatt trivedi
    banerjee mukherjee smith mumbai delhi bengaluru bangalore hyderabad chennai kolkata pune ahmedabad jaipur kochi
    lucknow indore nagpur surat goa noida gurgaon gurugram chandigarh bhopal patna mysore mysuru vadodara nashik
    coimbatore visakhapatnam kanpur agra varanasi amritsar london paris dubai singapore india maharashtra gujarat
    kerala punjab rajasthan bihar tamil nadu suman aarti arti babita bina chitra divyansh ela geeta hema ishita
    jyoti kajal kamal komal lalita madhu mamta manju mansi meenakshi monika naina naveen nitin payal poonam prachi
    pratik preeti puja rachna rajni rashmi reena renu rina ruchi rupali sakshi sameer sanjana sarita savita seema
    shalini shilpa shivani shobha shruti siddharth sonal sonam sudha sujata sushma tanvi trisha urmila vandana vani
    varsha vidhi vineet yogesh abhishek akhil anand ankur ashish atul bharat bhavesh dhruv gaurav girish hemant
    himanshu jatin jitendra kartik kunal lokesh mayank mihir naresh neeraj pawan piyush prateek rajat rajiv rakshit
    saurabh shubham sourav sumit tarun tushar umesh vishal yuvraj aamir arif asif ayesha farah hassan iqbal javed
    nadia nasreen rehana sajid shabnam tariq yasmin zainab dilli bombay calcutta madras banaras kashmir
    """
)
DEVANAGARI_NAMES = word_set(
    """
    राहुल रोहन रोहित अमित अनिल अर्जुन अजय अशोक नेहा प्रियंका सुनीता सुनील संजय सचिन विक्रम वरुण विनोद विवेक मनीष
    महेश मोहम्मद मुकेश राजेश रमेश सुरेश राकेश रेखा रितु श्रेया स्नेहा सीता गीता अनीता मीना मीरा काव्या दीपिका दीपक
    फातिमा इमरान सलमान शर्मा वर्मा गुप्ता सिंह पटेल खान मेहता जोशी मिश्रा राव रेड्डी अय्यर नायर यादव चौहान अग्रवाल
    चोपड़ा कपूर देसाई कुलकर्णी मुंबई दिल्ली पुणे बेंगलुरु बैंगलोर हैदराबाद चेन्नई कोलकाता अहमदाबाद जयपुर लखनऊ इंदौर
    कानपुर पटना भोपाल नागपुर सूरत वाराणसी
    """
)
HONORIFICS = word_set(
    """
    जी साहब ji sahab saheb
    """
)
BEFORE_AN_HONORIFIC = word_set(
    """
    हां हाँ आप haan han aap
    """
)
CAPITALIZED = re.compile(r"[A-Z][a-zà-ÿ]{1,30}")
WITH_A_CAPITAL = word_set(
    """
    i im ill ive id indian english hindi whatsapp team the we you your our it its this that these those and so see
    thank thanks come hope love warm warmly best wishes regards yours hi hello hey dear namaste welcome cheers with
    from for in on at to if when as let just here there what why how a an or not do dont take discover explore enjoy
    visit new season collection store shop god tv ok mr mrs ms dr ps sincerely cordially kind store summer winter
    autumn spring monsoon aap aapke aapka aapki aapko hum hamare hamari hamara kya yeh ye naya nayi naye jaldi
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december zaroor phir ab jab agar shukriya dhanyavaad dhanyawad milte milenge
    """
)


def find(prose: Prose) -> Iterator[Finding]:
    yield from prose.of_words(_after_greetings(prose))
    yield from prose.of_words(_listed(prose))
    if prose.background.language != "de":  # where every noun has a capital letter
        yield from prose.of_words(_capitalized(prose))


def _after_greetings(prose: Prose) -> Iterator[tuple[int, int]]:
    """The word that is greeted, unless the greeting ends with a comma before it."""
    for _, end in GREETINGS.find(prose.words, prose.distinct_words):
        if end == len(prose.words):
            continue
        word, between = prose.words[end], prose.text[prose.words[end - 1].end : prose.words[end].start]
        if "," in between or word.text in MARKS or word.text == "." or word.text in AFTER_A_GREETING:
            continue
        if _is_foreign(word, prose) and (not word.text.isascii() or prose.text[word.start].isupper()):
            yield end, end + 1


def _listed(prose: Prose) -> Iterator[tuple[int, int]]:
    for place, word in enumerate(prose.words):
        after = prose.words[place + 1].text if place + 1 < len(prose.words) else ""
        listed = word.text in DEVANAGARI_NAMES or (word.text in LATIN_NAMES and prose.text[word.start].isupper())
        if not listed and after in HONORIFICS:
            listed = word.text not in BEFORE_AN_HONORIFIC | MARKS | {"."}
        if listed and _is_foreign(word, prose):
            yield place, place + 1


def _capitalized(prose: Prose) -> Iterator[tuple[int, int]]:
    """Words with a capital letter inside a sentence. A text in which most words have one is a title."""
    latin = [word for word in prose.words if word.text.isascii() and word.text.isalpha()]
    capitals = [word for word in latin if CAPITALIZED.fullmatch(prose.text[word.start : word.end])]
    if len(latin) < 4 or len(capitals) > len(latin) * 0.6:
        return
    for place, word in enumerate(prose.words[1:], 1):
        capital = CAPITALIZED.fullmatch(prose.text[word.start : word.end])
        if not capital or word.text in WITH_A_CAPITAL or not _is_foreign(word, prose):
            continue
        gap = prose.text[prose.words[place - 1].end : word.start]
        if prose.words[place - 1].text not in {".", *MARKS} and not any(sign in gap for sign in "\n\"'“‘—–-,…*•"):
            yield place, place + 1


def _is_foreign(word: Word, prose: Prose) -> bool:
    return not prose.is_at_home(word.text)


NAMES = Validator(name="name", find=find, advice="Name nobody and no place ({found!r}); use the slots.")
