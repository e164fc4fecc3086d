"""Names of people: announced by words around them, known from the list, or built like a name."""

from collections.abc import Iterator, Sequence

from libs.privacy.everyday import is_built
from libs.privacy.lexicon import GIVEN, NAME
from libs.privacy.name_cues import (
    ASKED,
    NOT_ASKED,
    NOT_NAMES,
    PARTICLES,
    SIGNED,
    STRONG,
    WEAK,
    cues,
)
from libs.privacy.name_evidence import Words, starts
from libs.privacy.products import Allowed, brands, is_product
from libs.privacy.tokens import Token, tokens

Place = tuple[int, int, str]

LONGEST = 5
"""Words in a name, at most."""

LOOSE_WORDS = 2
"""Unknown words in small letters that belong to a name after a strong cue: given name and surname."""

ANSWER_WORDS = 4
"""Words of an answer that is just a name, at most."""

NOT_IN_ANSWER = NOT_NAMES - PARTICLES
JOINING = frozenset({"og", "och", "and", "ja", "eller", "or", "tai", "vai", "eikä", "sekä"})
_AROUND_ANSWER = frozenset(" .,!-'\u2019\n\t\ufffc")


def names(
    text: str, context: str, listed: Allowed | None = None, *, finnish: bool = False
) -> Iterator[Place]:
    """Every name, and the whole answer when the bot asked for one."""
    found = tokens(text, finnish=finnish)
    if not found:
        return
    if _is_asked(context) and _is_bare_answer(text, found):
        yield found[0].start, _last_letter(found[-1]), "PERSON"
        return
    words = Words(text, found, _allowed(text, found, listed))
    announced = cues(text, found)
    done = 0
    for index in range(len(found)):
        if index < done:
            continue
        end = _end(words, index, announced.get(index, _joined(words, index, done)))
        if end > index:
            done = end
            yield found[index].start, _last_letter(found[end - 1]), "PERSON"


def _last_letter(word: Token) -> int:
    return word.start + len(word.text.rstrip("'\u2019"))


def _is_asked(context: str) -> bool:
    return bool(context and ASKED.search(context) and not NOT_ASKED.search(context))


def _is_bare_answer(text: str, words: Sequence[Token]) -> bool:
    """A short answer with a word that is none of everyday: somebody's name, however it is written."""
    if len(words) == 1 and (words[0].is_sure or (words[0].title and words[0].flags & GIVEN)):
        return True
    if len(words) > ANSWER_WORDS or any(word.text.casefold() in NOT_IN_ANSWER for word in words):
        return False
    plain = all(c.isalpha() or c in _AROUND_ANSWER for c in text)
    return plain and not all(word.is_everyday for word in words)


def _allowed(text: str, words: Sequence[Token], listed: Allowed | None) -> frozenset[int]:
    """The words that belong to a brand or to what the merchant lists."""
    places = sorted(place for one in (brands(), listed) if one for place in one.places(text))
    inside: set[int] = set()
    index = 0
    for start, end in places:
        while index < len(words) and words[index].start < start:
            index += 1
        while index < len(words) and words[index].start < end:
            inside.add(index)
            index += 1
    return frozenset(inside)


def _joined(words: Words, index: int, done: int) -> int:
    """A cue for the second of two: "Odd eller Even"."""
    second = done and index == done + 1 and words.all[done].text.casefold() in JOINING
    return WEAK if second and words.all[index].flags & GIVEN else 0


def _end(words: Words, index: int, cue: int) -> int:
    """The index after the last word of the name that starts at `index`, or `index` where none does."""
    if cue == STRONG or (cue == SIGNED and _signs(words, index)):
        return _extended(words, index, loose=LOOSE_WORDS)
    if index in words.allowed or not starts(words, index, cue):
        return index
    end = _extended(words, index, loose=0, known=True)
    alone = words.all[index].is_initial and end == index + 1
    return index if alone or (not cue and _is_of_product(words, index, end)) else end


def _signs(words: Words, index: int) -> bool:
    """Whether all that is left of the line may be a name."""
    last = index
    while last < len(words.all) and (last == index or not words.is_new_line(last)):
        last += 1
        if last - index > LOOSE_WORDS + 1:
            return False
    return not all(word.is_everyday for word in words.all[index:last])


def _extended(words: Words, index: int, *, loose: int, known: bool = False) -> int:
    """The index after the last word that belongs to a name which starts at `index`.

    `known` says that the first word is one, `loose` how many unknown words in small letters may be.
    """
    end = index
    sure = words.all[index].is_sure
    for position in range(index, min(len(words.all), index + LONGEST)):
        word = words.all[position]
        plain = word.text.casefold()
        if position > index and not words.gap(position):
            break
        if plain in PARTICLES and position > index:
            continue
        if not (known and position == index):
            if plain in NOT_NAMES:
                break
            if not _belongs(word, sure=sure):
                if word.title or not loose or (position > index and word.is_everyday):
                    break
                loose -= 1
        end = position + 1
    return end


def _belongs(word: Token, *, sure: bool) -> bool:
    """Whether a word goes on a name: a capital, an initial, or a known name in small letters.

    After a `sure` given name a usual surname may be an everyday word, "elisabeth lie", and a word that
    nobody knows is a surname: "sissel grønnestølen".
    """
    if word.is_initial or word.title:
        return word.is_initial or not word.is_everyday
    if word.is_ambiguous:
        return sure and word.is_usual_surname
    return bool(word.flags & NAME) or (sure and not word.flags and not is_built(word.text))


def _is_of_product(words: Words, index: int, end: int) -> bool:
    """Whether it names a thing: "the Grace cardigan", "puten Karla"."""
    before = words.all[index - 1].text if index and words.gap(index) else ""
    after = words.all[end].text if end < len(words.all) and words.gap(end) else ""
    return is_product(before) or is_product(after.rpartition("-")[2])
