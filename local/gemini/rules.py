"""Plain words as a rule, as Gemini would answer: a few ways to say a condition in English, Hindi and Hinglish.

What it does not know, and what has no number, becomes a question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from campaigns.assist.numbers import DIGITS, PERIODS, numbers_in
from common.guard.folding import fold, words_of

Condition = dict[str, Any]
Builder = Callable[[re.Match[str], str], Condition | None]

MORE = r"(?:over|above|more than|at least|se (?:zyada|jyada|adhik)|से (?:ज्यादा|ज़्यादा|अधिक))"
LESS = r"(?:under|below|less than|fewer than|se kam|से कम)"
AWAY = (
    r"haven'?t (?:come|been|visited|shopped|ordered|bought)|not (?:come|been|visited|shopped|active|seen)|inactive|"
    r"away|gone|(?:nahi|nahin) (?:aaye|aye|aaya|aayi)|नहीं (?:आए|आये|आया|आई)|didn'?t (?:come|visit)|"
    r"have not (?:come|visited)"
)
HERE = r"active|came|visited|shopped|were here|aaye|aye|आए|आये"
SPEND = r"spen[dt]|spending|kharch|kharcha|ख़र्च|खर्च|bought for|worth"
VAGUE: Mapping[str, str] = {
    r"recent|recently|lately|haal": "How many days is that: “{0}”?",
    r"often|frequent|frequently|aksar|अक्सर|loyal|regular": "How many visits or orders is “{0}”?",
    r"big spenders?|high value|rich|expensive|bade": "How much money is “{0}”?",
    r"new customers?|newcomers?|naye|नए": "Since how many days is somebody “{0}”?",
    r"long|soon|few|many|some": "How much exactly is “{0}”?",
}
MISSING: Mapping[str, str] = {
    r"(?:no|without|missing|bina) (?:an? )?e-?mail": "email",
    r"(?:no|without|missing|bina) (?:a )?phone": "phone",
}
JOINERS = r"\b(?:and|but|or|aur|ya|lekin)\b|\s(?:और|या|लेकिन)\s|,(?!\d)"
PLACE = r"(?:\bfrom|\bin|\bof|\blive in|\bliving in|\bnot)\s+([A-Z]\w+)|\b([A-Z]\w+)\s+(?:ke|se|mein|wale)\b"
HINDI_PLACE = r"(\S+)\s+(?:के|से|में|वाले)(?=\s|$)"
UNITS: Mapping[str, str] = {"visit": "visits", "order": "orders", "purchase": "orders", "ऑर्डर": "orders"}


def rule_answer(words: str) -> dict[str, Any]:
    """The tree of all clauses, or a question for each that is not understood."""
    text = " ".join(fold(words).replace("’", "'").split())
    joiner = "or" if re.search(r"\b(?:or|ya)\b|\sया\s", text) else "and"
    clauses = list(filter(str.strip, re.split(JOINERS, text)))
    questions = [question for clause in clauses if (question := _vague(clause))]
    conditions = [] if questions else [_condition(clause.strip(), words) for clause in clauses]
    understood = zip(clauses, conditions, strict=False)
    questions += [f"What do you mean by “{clause.strip()}”?" for clause, condition in understood if not condition]
    if questions or not conditions:
        return {"root": "", "nodes": [], "questions": questions or ["Whom do you mean?"]}
    return {"questions": [], **_nodes([found for found in conditions if found], joiner)}


def _nodes(conditions: list[Condition], joiner: str) -> dict[str, Any]:
    """The conditions as nodes, joined by one at the top if there are several."""
    nodes: list[Condition] = []
    for condition in conditions:
        inner = condition.pop("not", False)
        nodes.append({"id": str(len(nodes) + 1), **condition})
        if inner:
            nodes.append({"id": str(len(nodes) + 1), "op": "not", "of": [nodes[-1]["id"]]})
    children = {child for node in nodes for child in node.get("of", ())}
    tops = [node["id"] for node in nodes if node["id"] not in children]
    if len(tops) == 1:
        return {"root": tops[0], "nodes": nodes}
    return {"root": "0", "nodes": [{"id": "0", "op": joiner, "of": tops}, *nodes]}


def _vague(clause: str) -> str | None:
    if DIGITS.search(clause) or len(numbers_in(clause) - {0, 1, 7, 30, 365}) > 1:
        return None
    for pattern, question in VAGUE.items():
        if found := re.search(rf"(?<!\w)(?:{pattern})(?!\w)", clause):
            return question.format(found.group())
    return None


def _condition(clause: str, words: str) -> Condition | None:
    return next(filter(None, (found for found in _candidates(clause, words))), None)


def _candidates(clause: str, words: str) -> Iterator[Condition | None]:
    """What the clause may be, the surest first."""
    number, days = _number(clause), _days(clause)
    negated = bool(re.search(r"\b(?:not|no|without|except|nahi|nahin|isn't|aren't|don't)\b|नहीं|बिना", clause))
    if re.search(r"\b(?:everyone|everybody|all customers|sabhi|sab log)\b|सभी", clause) and not days:
        yield {"op": "everyone"}
    if re.search(AWAY, clause) and days:
        yield {"op": "inactive", "days": days}
    if re.search(SPEND, clause) and number is not None:
        yield {"op": "<" if re.search(LESS, clause) else ">", "field": "spend", "value": number}
    yield from (_count(clause, number, field) for unit, field in UNITS.items() if re.search(rf"{unit}s?(?!\w)", clause))
    if re.search(rf"\b(?:{HERE})\b|आए|आये", clause) and days:
        yield {"op": "active", "days": days}
    for pattern, field in MISSING.items():
        if re.search(pattern, clause):
            yield {"op": "is_missing", "field": field}
    if found := re.search(r"(?:tag(?:ged)?|marked) (?:as |with )?\"?(\w+)\"?", clause):
        yield {"op": "has_tag", "tag": found.group(1), "not": negated}
    if found := re.search(r"opened (?:the )?(?:campaign )?\"?(\w+)\"?", clause):
        yield {"op": "opened", "campaign": found.group(1), "not": negated}
    if place := _place(clause, words):
        yield {"op": "!=" if negated else "=", "field": "city", "value": place}


def _count(clause: str, number: float | None, field: str) -> Condition | None:
    if number is None:
        return {"op": "=", "field": field, "value": 0} if re.search(r"\b(?:no|never|without any)\b", clause) else None
    op = "<" if re.search(LESS, clause) else ">=" if "at least" in clause else ">" if re.search(MORE, clause) else "="
    return {"op": op, "field": field, "value": number}


def _number(clause: str) -> float | None:
    """The largest number that is said, without those of periods."""
    said = numbers_in(re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, PERIODS))})(?!\w)", " ", clause)) - {0.0, 1.0}
    is_one = re.search(r"\b(?:one|1|once|ek)\b|एक", clause)
    best = max(said, default=1.0 if is_one else None)
    return int(best) if best is not None and best == int(best) else best


def _days(clause: str) -> int | None:
    """The days of a period: its number times its unit."""
    units = [PERIODS[word.text] for word in words_of(clause) if word.text in PERIODS]
    return int((_number(clause) or 1) * units[0]) if units else None


def _place(clause: str, words: str) -> str | None:
    """A name with a capital letter after a word for a place, as it was written."""
    for found in re.finditer(PLACE, words):
        name: str = found.group(1) or found.group(2)
        if fold(name) in clause:
            return name
    hindi = re.search(HINDI_PLACE, clause)
    return hindi.group(1) if hindi and not re.search(r"\d", hindi.group(1)) else None
