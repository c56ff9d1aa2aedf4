"""Chatter: words to the one who asked for the text, or about the task, instead of to the reader."""

from __future__ import annotations

from collections.abc import Iterator

from common.guard.findings import Finding, Prose, Validator
from common.guard.phrases import Phrases

PHRASES = Phrases(
    """
    (here is|heres|here are|below is|this is) (your|the|a|an|my|one|another|some|possible) (personalized|personalised|draft|rewritten|revised|marketing|short|)( |)(message|messages|email|emails|text|texts|draft|version|versions|copy|subject line|response|output)
    (sure|certainly|of course|absolutely|okay|ok) (here|i can|ill|i will|happy|thing|lets)
    (certainly|absolutely) .
    sure .
    (as an|i am an|im an|as a) (ai|artificial|language model|large language|assistant|chatbot|virtual assistant)
    (language model|chatgpt|gemini|openai|anthropic|llm)
    i (cannot|cant|am unable|am not able|apologize|apologise) (to|help|write|create|generate|comply|assist|for|provide)
    (let me know|tell me) if (you|this|that) (want|need|would|works|is|d like|have)
    (hope|trust) (this|that|it) helps
    (feel free) to (edit|adjust|change|modify|customize|customise|tweak)
    (would you like me|do you want me|shall i|should i) (to)
    subject (line|) .
    (subject|body|betreff|objet|asunto|विषय) .
    (option|version|variant|draft|alternative|example) (a|b|one|two|<fact>) .
    (system|user|assistant|developer|human|model) .
    (system|developer) (prompt|message|instruction|instructions|override|mode)
    (ignore|disregard|forget|override) (all|any|the|your|previous|prior|above|everything|these|those)( |)(previous|prior|above|instructions|instruction|rules|text|prompts|)
    (previous|prior|above|these|your|following) (instruction|instructions|prompt|prompts|rules)
    (as|per) (requested|instructed|you asked|your request|your instructions|the instructions)
    (write|writing|written|wrote) (one|a|the|this|short|marketing) (short|marketing|message|text|email)( |)(message|text|)
    (json|html|markdown|xml|base64|jailbreak|injection|payload|sql|prompt|prompts|token|tokens)
    (your|the) (fields|attributes|traits|slots|slot|data|profile|record|records|segment|persona)
    (slot|slots|trait|traits) (is|are|for|of|named|called)
    (target|intended) (audience|recipient|reader)
    (call to action|tone of voice|word count|character count)
    (instruction|instructions) (to|for|is|are|above|below|say)
    (the|this) (customer|recipient|reader|user)
    (personalized|personalised) (message|email|text|copy|version|subject|note|mail)
    (meets|meet|match|matches|fits|per|to) your (requirements|brief|request|specifications|needs and)
    (the|this) (customer|recipient|reader|user|person) (is|has|lives|spends|visits|wants|likes|named|name)
    your (id|ids|customer id|user id)
    (note|disclaimer|p.s to|explanation|reasoning|rationale) (to|for|about|that) (the|editor|writer|manager|self)
    (note|disclaimer|explanation|reasoning|rationale) .
    (यहां|यहाँ|ये|यह) (है|रहा|रहे|आपका) (आपका|संदेश|मैसेज)( |)(संदेश|मैसेज|टेक्स्ट|)
    (निर्देश|निर्देशों|प्रॉम्प्ट)
    (yeh|ye|yah) (raha|rahi|hai) (aapka|message|text)
    """
)
IDIOMS = Phrases(
    """
    let me know if you (need|have|want|would like) (anything|help|any|a hand|us)
    of course here
    token of (our|my|appreciation)
    """
)


def find(prose: Prose) -> Iterator[Finding]:
    yield from prose.phrases(PHRASES, idioms=IDIOMS)


CHATTER = Validator(name="chatter", find=find, advice="Write to the reader only, without {found!r}.")
