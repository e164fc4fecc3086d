"""Names with endings: "Karis", "Lars'", "Ainolle", "Virtasen", "Pekan"."""

from libs.privacy.lexicon import HERE, NAME, known

_LONG = (
    "lle", "lta", "ltä", "lla", "llä", "ssa", "ssä", "sta", "stä", "ksi", "seen", "hin", "kin", "han", "hän",
)  # fmt: skip
_SHORT = ("n", "a", "ä")
_STEMS = (("se", "nen"), ("kse", "s"))
_RARE_STEMS = (*_STEMS, ("e", "i"), ("i", ""))
"""How a Finnish name's stem differs from the name: Virtase-, Markukse-, Järve-, Robert-i-."""

LEAST = 4
"""Letters of a name that may bear an ending."""


def base(word: str, *, certain: bool, finnish: bool) -> int:
    """What is known of the name in `word`; endings that many words have count if it is `certain` one."""
    plain = word.casefold()
    if plain.endswith(("'s", "\u2019s")):
        return known(plain[:-2])
    if plain.endswith(("s'", "s\u2019", "x'", "z'")):
        return known(plain[:-1])
    if plain.endswith("s") and len(plain) >= LEAST and (found := _usual(plain[:-1])):
        return found
    for ending in (*_LONG, *_short(certain=certain, finnish=finnish)):
        if plain.endswith(ending) and len(plain) - len(ending) >= LEAST - 1:
            found = _finnish(plain[: -len(ending)], _RARE_STEMS if certain else _STEMS)
            if found:
                return found
    return 0


def _short(*, certain: bool, finnish: bool) -> tuple[str, ...]:
    if certain:
        return _SHORT
    return _SHORT[:1] if finnish else ()


def _finnish(stem: str, stems: tuple[tuple[str, str], ...]) -> int:
    candidates = [stem, *(stem[: -len(old)] + new for old, new in stems if stem.endswith(old))]
    if len(stem) > 2 and stem[-2] in "kpt":  # noqa: PLR2004 - a consonant before the last vowel
        candidates.append(stem[:-1] + stem[-2:])
    return next((found for one in candidates if (found := _usual(one))), 0)


def _usual(word: str) -> int:
    """What is known of a usual name; nothing of all else, as endings make names of many words."""
    found = known(word)
    return found if found & HERE and found & NAME else 0
