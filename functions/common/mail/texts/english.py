"""The texts in English."""

from __future__ import annotations

from .shared import PageTexts, RecipientTexts

ENGLISH = RecipientTexts(
    view_in_browser="View in browser",
    unsubscribe="Unsubscribe",
    message_pages={
        "ask": PageTexts(
            "Unsubscribe?", "You will get no more messages of this kind at this address.", "Yes, unsubscribe"
        ),
        "choose": PageTexts(
            "What do you want to get?",
            "Untick what you do not want at this address.",
            "Save my choice",
            "Nothing at all: unsubscribe from everything",
        ),
        "saved": PageTexts("Your choice is saved", "It also holds for messages that wait. You can close this page."),
        "done": PageTexts(
            "You are unsubscribed", "You will get no more messages of this kind. You can close this page."
        ),
        "gone": PageTexts("This message is gone", "Its text is not kept any more. You can close this page."),
        "unknown": PageTexts(
            "This link does not work", "Open it from the message again, or answer the message and say so."
        ),
    },
    form_pages={
        "ask": PageTexts(
            "Do you want our messages?",
            "Press the button, and we write to this mailbox. Otherwise nothing happens.",
            "Yes, I want them",
        ),
        "done": PageTexts("Thank you", "You get our messages from now on. Each has a link to unsubscribe."),
        "used": PageTexts("This is confirmed already", "Nothing changes. You can close this page."),
        "gone": PageTexts(
            "This link does not work", "A link works for one day. Fill in the form again to get another one."
        ),
        "sent": PageTexts("Thank you", ""),
        "wrong": PageTexts("Something is missing", "Go back, and check the e-mail address that you wrote."),
    },
)
