"""Topics of a merchant's own: one asks the shop's system, one asks for words."""

from libs.contracts.content import LANGUAGES, Fact, Language, Topic


def said(text: str) -> dict[Language, str]:
    """The same text in all five languages."""
    return dict.fromkeys(LANGUAGES, text)


SERIAL = Fact(
    key="serial", type="text", pattern="[A-Z]{2}-[0-9]{4}",
    ask=said("What is the serial number?"), invalid=said("A serial number looks like AB-1234."),
)  # fmt: skip
BOUGHT_ON = Fact(
    key="bought_on", type="date", kept="answer",
    ask=said("When did you buy it?"), invalid=said("Write the day as 25.11.2026."),
)  # fmt: skip
WARRANTY = Topic(
    key="warranty", title=said("Is my warranty valid?"), action="webhook",
    webhook="warranty.lookup", needs=(SERIAL, BOUGHT_ON),
    examples={"en": ("is my tent under warranty",)},
    answers={
        "valid": said("Your warranty runs until {until}."),
        "expired": said("The warranty of {serial} is over."),
        "unknown": said("I do not know {serial}."), "away": said("I cannot check it now."),
        "no_fact": said("Without it I cannot check."),
    },
    offer_on=("expired",),
)  # fmt: skip
ENGRAVING = Topic(
    key="engraving", title=said("Engrave a name"),
    needs=(
        Fact(key="engraved", type="text", ask=said("Which words?"), invalid=said("Fewer words.")),
    ),
    answers={"answer": said("We engrave: {engraved}.")},
)  # fmt: skip
OWN_TOPICS = (WARRANTY, ENGRAVING)
