"""Names that people log in with: after the words for them, or by their form."""

import re
from collections.abc import Iterator

from libs.privacy.lexicon import WORD, known
from libs.privacy.wordlists import sections

FOLDED = re.IGNORECASE

_WORD = (
    r"\b(?:bruker|använd\w{0,3}|bruger|käyttäjä|user)[ -]?"
    r"(?:na?vn|na?nv|namn|namm|nimi|nimen?|name|tunnu[kst]|id\b)[^\W\d_]*"
    r"|\b(?:login|nickname|nick|handle|screen ?name|tunnukse(?:ni|lla)|inloggningsnamn|innloggingsnavn)\b"
)
_LINK = r"(?:(?:(?:er|är|on|is|mitt|min|mit|my|the|det)\b|[:=])[ \t]*+){1,3}"
_NAME = r"[\"'\u00ab\u201d]?(?P<name>@?\w[\w.\-]{2,40})"
_ACCOUNT = (
    r"(?:^|til|till|för|for|to|,|:|passord|lösenord|salasana|password) (?:kontot|kontoen|kontoa|konto"
    r"|brukeren|bruker|användaren|användare|brugeren|bruger|user|käyttäjän?|account)"
)
_AS = (
    r"\b(?:logget|logga|innlogget|inloggad|logged|signed|kirjautu)\w* ?(?:inn|in|ind)? ?"
    r"(?:som|as|käyttäjänä|tunnuksella)"
)
_ROLE = (
    r"\b(?:bruker|användare|bruger|user|käyttäjä|konto|account|innlogging\w*|inloggning\w*|login)"
    r"(?: (?:min|mi|mit|mitt|my))?(?:[ \t]?:| (?:er|är|on|is)\b)"
    r"|\b(?:logger|loggar|logging|log|kirjaudun) (?:meg |mig )?(?:inn|in|ind)? ?(?:med|with)\b"
)
CUE = re.compile(rf"(?:{_WORD})[ \t]*+{_LINK}{_NAME}", FOLDED)
BARE = re.compile(rf"(?:{_WORD}|{_ACCOUNT}|{_AS}|{_ROLE})[ \t]++{_NAME}", FOLDED)
"""What stands here is a name for logging in if it is none of the words that people use."""

ASKED = re.compile(_WORD, FOLDED)
FORMED = re.compile(
    r"(?<![\w.@/-])(?:@[a-z_][\w.]{2,30}|[a-zæøåäö]{2,20}_[a-zæøåäö\d_]{1,20})(?![\w@/-])"
)
"""What only names for logging in look like."""

STEMS = (
    "bruker", "använd", "bruger", "käyttäj", "user", "login", "nick", "handle", "screen", "tunnuks",
    "logg", "signed", "kirjautu", "konto", "account",
)  # fmt: skip
"""One of these is in every text that tells of a name for logging in."""

ANSWER = re.compile(
    r"\s*(?:(?:det|den|se|it|mitt|min|my)\s++(?:er|är|on|is)\s++)?(?P<name>@?\w[\w.\-]{2,40})\s*[.!]?\s*",
    FOLDED,
)
_NEVER = frozenset(sections("words")["no user names"])


def usernames(text: str, context: str) -> Iterator[tuple[int, int, str]]:
    """Names for logging in."""
    for found in FORMED.finditer(text):
        yield found.start(), found.end(), "USERNAME"
    lower = text.lower()
    if not any(stem in lower for stem in STEMS) and not ASKED.search(context):
        return
    for pattern, told in ((CUE, True), (BARE, False)):
        for found in pattern.finditer(text):
            if _is_name(found["name"], told=told):
                yield _place(found)
    answer = ANSWER.fullmatch(text) if ASKED.search(context) else None
    if answer and _is_name(answer["name"], told=False):
        yield _place(answer)


def _place(found: "re.Match[str]") -> tuple[int, int, str]:
    start = found.start("name")
    return start, start + len(found["name"].rstrip(".-")), "USERNAME"


def _is_name(name: str, *, told: bool) -> bool:
    """Whether it is no word of the sentence; a name that is just a word counts only where it is `told`."""
    if name.casefold() in _NEVER:
        return False
    return told or bool(re.search(r"[\d_.]", name)) or not known(name) & WORD
