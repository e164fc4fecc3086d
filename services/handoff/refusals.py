"""How the codes of the rules are answered, in one place: status, message and fix."""

from collections.abc import Iterator
from contextlib import contextmanager

from libs.kit.errors import Refused
from libs.privacy.sealing import KeyGone
from services.handoff.case import NotAllowed

REFUSALS = {
    "unknown_case": (404, "There is no such case.", "it may have expired or been erased."),
    "unknown_attachment": (404, "There is no such file.", "look at the case again."),
    "erased": (410, "This conversation is erased.", "nobody can read it any more."),
    "case_taken": (409, "Somebody else took this case.", "take another one from the queue."),
    "case_closed": (409, "This case is closed.", "the visitor may ask for a person again."),
    "not_yours": (409, "This case is not yours.", "claim it first: only its owner may do this."),
    "unknown_topic": (400, "There is no such topic.", "name one of this shop's topics, or none."),
    "text_empty": (400, "There is no text to send.", "write something."),
    "text_too_long": (413, "The text is too long.", "send it in parts of at most 8 KiB."),
    "note_too_long": (413, "The note is too long.", "write notes of at most 4 KiB."),
    "unknown_merchant": (404, "There is no such shop.", "name one of your own shops."),
    "unknown_skill": (400, "There is no such skill.", "name one of this shop's skills."),
    "unknown_agent": (
        400, "This colleague cannot take the case.",
        "choose one who is online and works with this shop and skill.",
    ),
    "capacity_full": (
        409, "This colleague has no free place.", "choose another one, or hand it to a skill."
    ),
    "unknown_request": (404, "There is no such request.", "it may have expired."),
    "request_state": (
        409, "The request is not at this step, or somebody else was faster.", "look at it again."
    ),
    "link_expired": (410, "This link does not work any more.", "ask the shop for a new one."),
    "address_wrong": (400, "This is no e-mail address.", "write it as name@shop.example."),
    "reference_wrong": (
        404, "There is no such conversation at this shop.",
        "the reference is `conversation_id` in the downloaded conversation.",
    ),
    "nothing_found": (409, "Nothing of this person was found.", "refuse it as not found."),
    "form_wrong": (422, "The form does not allow this.", "correct the fields that it names."),
    "mail_off": (
        409, "No mail can be sent from here.", "identify by the reference, or set up a mail server."
    ),
    "mail_refused": (
        422, "The mail server does not take mail to this address.",
        "check the address, or identify by the reference.",
    ),
    "mail_failed": (502, "The mail could not be sent.", "try again in a few minutes."),
    "nothing_asked": (400, "There is nothing to search for.", "ask with 2 to 100 letters."),
}  # fmt: skip
"""What the console is told; every code that a rule may refuse with is here."""


def refused(code: str) -> Refused:
    """The answer to a code."""
    status, message, fix = REFUSALS[code]
    return Refused(status, code, message, fix)


@contextmanager
def by_the_rules() -> Iterator[None]:
    """Answers what a rule does not allow, and what is erased, with their codes."""
    try:
        yield
    except NotAllowed as error:
        raise refused(error.code) from None
    except KeyGone:
        raise refused("erased") from None
