"""What a mail server's refusal means: whom it is about, and whether it is for good."""

from __future__ import annotations

import pytest

from vendor.vendor import VendorMisconfigured, VendorUnavailable
from vendor.vendors.smtp.replies import Command, Refusal, outcome_of

NOT_FOUND = [
    (550, "5.1.1 <joe@x.example>: Recipient address rejected: User unknown in virtual mailbox table"),
    (550, "#5.1.1 bad address joe@x.example"),
    (550, "No such user here"),
    (550, "5.1.1 Empf\udce4nger unbekannt"),
    (550, "5.2.1 The account is disabled"),
    (553, "Mailbox does not exist"),
]
OUR_FAULT = [
    (550, "relay not permitted"),
    (550, "Administrative prohibition"),
    (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    (554, "5.7.1 <joe@x.example>: Relay access denied"),
    (553, "5.7.1 <news@shop.example>: Sender address rejected: not owned by user shop"),
    (530, "5.7.0 Must issue a STARTTLS command first"),
    (550, "5.7.0 Authentication required"),
]


@pytest.mark.parametrize(("code", "text"), NOT_FOUND)
def test_address_that_does_not_exist_bounces(code: int, text: str) -> None:
    """Only if the server says that this address is at fault; the reason can be stored, whatever its letters."""
    outcome = outcome_of(Refusal(code, text), "rcpt")
    assert (outcome.permanent, outcome.bounced) == (True, True)
    assert outcome.reason.encode()


@pytest.mark.parametrize(("code", "text"), OUR_FAULT)
def test_server_that_takes_nothing_from_us_suppresses_nobody(code: int, text: str) -> None:
    """All messages wait until the settings are right."""
    with pytest.raises(VendorMisconfigured):
        outcome_of(Refusal(code, text), "rcpt")


@pytest.mark.parametrize("text", ["5.7.0 Reject, id=1 - spam", "5.7.1 Message rejected as spam", "Transaction failed"])
def test_refused_text_is_about_the_message(text: str) -> None:
    """It must not stop the messages of all campaigns."""
    outcome = outcome_of(Refusal(554, text), "data")
    assert (outcome.permanent, outcome.bounced) == (True, False)


@pytest.mark.parametrize(("code", "text"), [(552, "5.2.2 over quota"), (550, "5.2.2 mailbox full"), (552, "full")])
def test_full_mailbox_can_be_tried_again(code: int, text: str) -> None:
    """By a retry."""
    outcome = outcome_of(Refusal(code, text), "rcpt")
    assert (outcome.permanent, outcome.bounced) == (False, False)


@pytest.mark.parametrize(
    ("code", "text", "command", "is_about_message"),
    [
        (451, "4.7.1 Greylisted", "rcpt", True),
        (452, "4.2.2 mailbox over quota", "rcpt", True),
        (450, "4.2.0 try again", "data", True),
        (452, "4.3.1 Insufficient system storage", "mail", False),
        (451, "4.7.1 rate exceeded", "mail", False),
        (454, "Throttling failure: Daily message quota exceeded.", "data", False),
        (550, "5.4.5 Daily user sending limit exceeded", "rcpt", False),
        (421, "4.7.0 Too many errors", "rcpt", False),
        (421, "busy", "connect", False),
    ],
)
def test_later_try_is_asked_for_one_message_or_for_all(
    code: int, text: str, command: Command, is_about_message: bool
) -> None:
    """A server that is busy with all of us opens the circuit; one recipient's wait does not."""
    with pytest.raises(VendorUnavailable) as waiting:
        outcome_of(Refusal(code, text), command)
    assert (waiting.value.may_have_accepted, waiting.value.is_about_message) == (False, is_about_message)


@pytest.mark.parametrize("code", [-1, 200, 251, 354, 600])
def test_answer_that_no_server_may_give_is_no_refusal(code: int) -> None:
    """After the text, it leaves open whether the server has the mail."""
    assert not Refusal(code, "x").is_definite
