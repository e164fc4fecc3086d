"""Groups of phrases: those that mean the same, and never one that fewer than k conversations share."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.inbox.clusters import groups_of
from services.analytics.inbox.phrases import (
    Phrase,
    common_words,
    pieces_of,
    says_something,
    words_of,
)

ASKED = {
    "gift cards": (
        "Kan jeg bytte gavekort i kontanter?", "får jeg penger for gavekortet mitt",
        "gavekort til kontanter", "Hei, kan gavekortet byttes i penger",
    ),
    "clubs": (
        "Har ni rabatt för föreningar?", "kan vår förening få rabatt", "rabatt till idrottsföreningen",
    ),
    "tents": ("Kan jeg leje et telt hos jer?", "udlejer I telte", "hvad koster det at leje telt"),
    "cash": (
        "Voiko lahjakortin vaihtaa rahaksi?", "saako lahjakortista rahat", "lahjakortti rahaksi",
    ),
    "iceland": ("Do you ship to Iceland?", "can you send it to Iceland", "iceland delivery"),
}  # fmt: skip


def phrase(text: str, conversation: str) -> Phrase:
    return Phrase(f"id of {conversation}, {text}", conversation, text, "nb", "other")


def test_what_means_the_same_comes_together_in_five_languages() -> None:
    about = {text: topic for topic, texts in ASKED.items() for text in texts}
    groups = groups_of([phrase(text, f"c{n}") for n, text in enumerate(about)], 3)
    found = [{about[member.text] for member in group.members} for group in groups]
    assert sorted(found, key=sorted) == [{topic} for topic in sorted(ASKED)]


def test_one_conversation_that_asks_often_is_one() -> None:
    many = [phrase("Har dere gavekort?", "the same") for _ in range(50)]
    assert groups_of([*many, phrase("gavekort", "another")], 3) == []
    assert len(groups_of([*many, phrase("gavekort", "b"), phrase("gavekort", "c")], 3)) == 1


WORDS = st.sampled_from(
    ("gavekort", "gavekortet", "telt", "leie", "rabatt", "klubb", "<PERSON>", "jeg", "kan", "?")
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)
PHRASES = st.lists(st.builds(phrase, TEXTS, st.sampled_from("abcdefgh")), max_size=30)


@given(phrases=PHRASES, k=st.integers(2, 6))
def test_no_group_and_no_word_that_fewer_than_k_share(phrases: Sequence[Phrase], k: int) -> None:
    shown = common_words(phrases, k)
    for group in groups_of(phrases, k):
        assert group.conversations >= k
        assert {member.conversation for member in group.members} <= {
            p.conversation for p in phrases
        }
        for member in group.members:
            seen = "".join(piece.text for piece in pieces_of(member.text, shown))
            for word in words_of(seen):
                users = {p.conversation for p in phrases if word in words_of(p.text)}
                assert len(users) >= k


@given(text=st.text(max_size=80))
def test_pieces_are_the_whole_text(text: str) -> None:
    everything = frozenset(words_of(text))
    pieces = pieces_of(text, everything)
    assert "".join(piece.text or f"<{piece.token}>" for piece in pieces) == text


def test_a_text_of_tokens_says_nothing() -> None:
    assert not says_something("<PERSON>, <ORDER_NUMBER>! a 12")
    assert says_something("<PERSON> gavekort")
