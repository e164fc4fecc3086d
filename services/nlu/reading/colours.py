"""Colours in five languages: every inflection, compounds, and spellings without å, ä, ö, æ, ø."""

import re
from collections.abc import Iterator
from itertools import product

_WORDS = {
    "black": "svart svarte svarta sort sorte sorte black",
    "white": "hvit hvitt hvite hvid hvidt hvide vit vitt vita white offwhite off-white",
    "grey": "grå grått gråe gråa gråt grey gray",
    "red": "rød rødt røde röd rött röda red",
    "blue": "blå blått blåe blåa blåt blue",
    "green": "grønn grønt grønne grøn grön grönt gröna green",
    "yellow": "gul gult gule gula yellow",
    "orange": "oransje orange oranga oranget",
    "brown": "brun brunt brune bruna brown",
    "pink": "rosa lyserød pink skär",
    "purple": "lilla lila fiolett violett violet purple",
    "beige": "beige beiget sandfarget sandfärgad",
    "turquoise": "turkis turkise turkost turkosa turkos turquoise",
    "gold": "gull gullfarget gullfarga guld guldfärgad guldfarvet gold golden",
    "silver": "sølv sølvfarget silver silverfärgad sølvfarvet",
    "burgundy": "burgunder vinrød vinröd bordeaux burgundy",
    "navy": "navy marineblå marinblå",
    "cream": "krem kremhvit kräm flødefarvet cream",
    "khaki": "khaki kaki",
    "olive": "oliven olivengrønn oliv olivgrön olive",
}
_FINNISH_STEMS = {
    "black": "musta must", "white": "valkoi valko", "grey": "harmaa harmai", "red": "punai",
    "blue": "sini", "green": "vihreä vihrei", "yellow": "keltai", "orange": "oranssi oransse",
    "brown": "ruskea ruskei", "pink": "pinkki pinki pinkke vaaleanpunai roosa",
    "purple": "violetti violeti liila lila",
    "beige": "beige beesi", "turquoise": "turkoosi", "gold": "kulta kullan kultai",
    "silver": "hopea hopei",
    "burgundy": "viininpunai", "navy": "laivastonsini",
}  # fmt: skip
_FINNISH_ENDING = (
    r"(?:n?(?:nen|sen|sta|stä|set|sia|siä|sina|sinä|sena|senä|sella|sellä|seen|sesta|sestä|sissa|sissä"
    r"|n|na|nä|t|a|ä|ta|tä|ssa|ssä|lla|llä|ksi|ia|iä|ja|jä|ien|issa|issä|an|än))?"
)
_SHADES = {
    "light": "lyse lys ljusa ljust ljus vaalean vaalea light pale bleke bleik pastell",
    "dark": "mørke mørk morke mork mörka mörkt mörk moerke tumman tumma dark deep dype dyp dybe djup natt"
    " midnatts",
}  # fmt: skip
_SPELLINGS = {
    "å": ("å", "a", "aa"),
    "ä": ("ä", "a", "ae"),
    "ö": ("ö", "o", "oe"),
    "ø": ("ø", "o", "oe"),
}
_ENDINGS = (
    "grå grått gråe gråa rød rødt røde röd rött röda blå blått blåe blåa grønn"
    " grønt grønne grøn grön grönt gröna"
    " brun brunt brune bruna svart svarte svarta gul gult gule gula rosa hvit hvitt hvite beige"
)
"""Any word before these is a colour's compound: "mosegrønn". Only with their own letters, none English."""

_NO_COMPOUND = re.compile(r"(?:u|o)?(?:be|for|mot|an)svart[ae]?|.*br[øö]d[et]*|[øö]verbl.*")
_KIND = re.compile(r"(?:annan|annen|anden|ny|samma|samme|vilken|a|this|some|any) $")
"""Before "sort": a kind of something, not black."""

_AFTER_SORT = re.compile(r" (?:of|out|it|this|that|av)\b")
_WORD = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)?+")
_LEAST_BEFORE = 3


def _spellings(word: str) -> Iterator[str]:
    for letters in product(*(_SPELLINGS.get(char, (char,)) for char in word)):
        yield "".join(letters)


_EXACT = {
    spelled: name
    for name, words in _WORDS.items()
    for word in words.split()
    for spelled in _spellings(word)
}
_OWN = {word: name for name, words in _WORDS.items() for word in words.split()}
_TAILS = tuple(_ENDINGS.split())
_STEMS = {
    spelled: name
    for name, stems in _FINNISH_STEMS.items()
    for stem in stems.split()
    for spelled in _spellings(stem)
}
_ALL_STEMS = tuple(_STEMS)
_PREFIXES = {word: shade for shade, words in _SHADES.items() for word in words.split()}
_ALL_PREFIXES = tuple(sorted(_PREFIXES, key=len, reverse=True))
_FINNISH_END = re.compile(_FINNISH_ENDING)
_NOT_FINNISH = frozenset({"must", "sini", "valko", "valkoi", "punai", "keltai", "lila"})


def colours(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and English name of every colour, `dark` or `light` before it where it says so."""
    before: re.Match[str] | None = None
    for word in _WORD.finditer(text):
        name = colour(word.group())
        if name and not _is_no_colour(text, word):
            shade = _PREFIXES.get(before.group().casefold()) if before else None
            if before and shade and word.start() - before.end() == 1:
                yield before.start(), word.end(), f"{shade} {name}"
            else:
                yield word.start(), word.end(), name
        before = word


def colour(typed: str) -> str | None:
    """The colour that one word is; None for all other words."""
    word = typed.casefold()
    name = _EXACT.get(word) or _finnish(word)
    if name:
        return name
    if word.startswith(_ALL_PREFIXES):
        prefix = next(prefix for prefix in _ALL_PREFIXES if word.startswith(prefix))
        rest = word[len(prefix) :].lstrip("-")
        inner = _EXACT.get(rest) or _finnish(rest)
        if inner:
            return f"{_PREFIXES[prefix]} {inner}"
    return _compound(word)


def _finnish(word: str) -> str | None:
    if not word.startswith(_ALL_STEMS) or word in _NOT_FINNISH:
        return None
    stems = (stem for stem in _ALL_STEMS if word.startswith(stem))
    return next((_STEMS[stem] for stem in stems if _FINNISH_END.fullmatch(word[len(stem) :])), None)


def _compound(word: str) -> str | None:
    if not word.endswith(_TAILS) or _NO_COMPOUND.fullmatch(word):
        return None
    tails = (tail for tail in _TAILS if word.endswith(tail))
    return next((_OWN[tail] for tail in tails if len(word) - len(tail) >= _LEAST_BEFORE), None)


def _is_no_colour(text: str, word: "re.Match[str]") -> bool:
    typed, left = word.group().casefold(), text[max(0, word.start() - 10) : word.start()].casefold()
    if typed == "sort":
        return bool(_KIND.search(left) or _AFTER_SORT.match(text, word.end()))
    if typed == "bla":
        return left.endswith("bla ") or text[word.end() : word.end() + 4].casefold() == " bla"
    return typed == "musta" and text.startswith(" tuntuu", word.end())
