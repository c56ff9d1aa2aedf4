"""The first name of a person for whom nobody gave one, guessed from the whole name."""

from __future__ import annotations

TITLES = frozenset(
    {
        *("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "er", "adv", "ca", "capt", "col", "maj", "rev"),
        *("shri", "sri", "shree", "smt", "kumari", "km", "kum", "श्री", "श्रीमती", "सुश्री", "डॉ", "कुमारी"),
        *("herr", "frau", "monsieur", "madame", "mme", "mlle", "señor", "señora", "sr", "sra"),
    }
)
"""Words before a name, in lower case and without the dot."""


def first_name(name: str | None) -> str | None:
    """The first word that is no title and no initial: Asha of `Rao, Dr. Asha` and of `Smt. K. Asha Rao`.

    A name that has nothing else is taken as it begins; None without a name.
    """
    last, comma, first = (name or "").partition(",")
    words = (first if comma and first.strip() else last).split()
    plain = [word for word in words if word.rstrip(".").casefold() not in TITLES]
    full = [word for word in plain if len(word.rstrip(".")) > 1 and not _is_initials(word)]
    return next(iter([*full, *plain, *words]), None)


def _is_initials(word: str) -> bool:
    """Whether the word is like `K.R.`."""
    return word.endswith(".") and all(len(part) == 1 for part in word.rstrip(".").split("."))
