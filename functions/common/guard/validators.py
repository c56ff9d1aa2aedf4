"""All validators, in the order in which a text is checked: what is dangerous to read comes first."""

from __future__ import annotations

from common.guard.assertions import ASSERTIONS
from common.guard.chatter import CHATTER
from common.guard.claims import CLAIMS
from common.guard.codes import CODES
from common.guard.commitments import COMMITMENTS
from common.guard.currency import CURRENCY
from common.guard.dates import DATES
from common.guard.digits import DIGITS
from common.guard.findings import Validator
from common.guard.forbidden import FORBIDDEN
from common.guard.invisible import INVISIBLE
from common.guard.languages import LANGUAGE
from common.guard.limits import LIMITS
from common.guard.links import LINKS
from common.guard.markup import MARKUP_FOUND
from common.guard.names import NAMES
from common.guard.number_words import NUMBER_WORDS
from common.guard.percentages import PERCENTAGES
from common.guard.placeholders import PLACEHOLDERS
from common.guard.promises import PROMISES
from common.guard.scripts import SCRIPTS
from common.guard.spelled_out import SPELLED_OUT
from common.guard.subjects import SUBJECTS
from common.guard.urgency import URGENCY

FORMS: tuple[Validator, ...] = (
    INVISIBLE,
    LINKS,
    PLACEHOLDERS,
    MARKUP_FOUND,
    SCRIPTS,
    DIGITS,
    PERCENTAGES,
    CURRENCY,
    CODES,
    SPELLED_OUT,
    NUMBER_WORDS,
    DATES,
)
"""What is recognized by its form, whatever a text is about."""
VALIDATORS: tuple[Validator, ...] = (
    *FORMS,
    PROMISES,
    COMMITMENTS,
    SUBJECTS,
    ASSERTIONS,
    URGENCY,
    LIMITS,
    FORBIDDEN,
    CHATTER,
    CLAIMS,
    NAMES,
    LANGUAGE,
)
FACT_VALIDATORS = tuple(validator for validator in VALIDATORS if validator.is_fact)
