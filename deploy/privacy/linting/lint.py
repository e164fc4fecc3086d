"""Goes through a notice: what it must say and does not, and what it says that is not so."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction

from deploy.privacy.linting.findings import Expected, Finding
from deploy.privacy.linting.reading import Sentence, sentences
from deploy.privacy.linting.roles import contradiction, roles
from deploy.privacy.linting.words import ADDRESS, AUTHORITY, Words, words
from libs.contracts.datamap import say_time
from libs.notice.facts import RUNNING

TOPICS = ("transport", "backups", "keys", "proof", "audit", "logs", "case", "conversation")
"""What a length of time is about: the first of these that its sentence speaks of."""

SUBJECTS = {
    "transport": "messages on their way", "backups": "backups", "keys": "keys in backups",
    "proof": "proofs of erasure", "audit": "the log of who looked", "logs": "logs", "case": "cases",
    "conversation": "conversations",
}  # fmt: skip

MISSING: Mapping[str, tuple[str, str]] = {
    "no_legal_basis": ("basis", "no legal basis is named"),
    "no_sub_processors": (
        "sub_processors", "it is not said whether the processor uses sub-processors, and which",
    ),
    "no_backups": ("backups", "nothing is said of backups"),
    "no_logs": ("logs", "nothing is said of technical logs"),
    "no_statistics": ("statistics", "nothing is said of statistics"),
}  # fmt: skip
"""What must be spoken of somewhere, by which pattern that is seen, and how its absence is said."""


def lint(text: str, expected: Expected) -> list[Finding]:
    """Everything that is wrong with a notice, by line; nothing where it is complete and true."""
    look = _Look(sentences(text), words(expected.language), expected)
    found = [*look.missing(), *look.about_roles(), *look.about_ends(), *look.differences()]
    return sorted(found, key=lambda finding: (finding.line, finding.code))


class _Look:
    """One notice that is looked at."""

    def __init__(self, read: Sequence[Sentence], says: Words, expected: Expected) -> None:
        self._read, self._words, self._expected = read, says, expected
        merchant = expected.merchant
        self._known = (merchant.name, merchant.provider) if merchant else ()
        self._roles = [*roles(read, says, self._known)]

    def missing(self) -> Iterator[Finding]:
        """What is spoken of nowhere."""
        for code, (what, cause) in MISSING.items():
            if not any(self._says(what)):
                yield self._finding(code, self._near("processor"), cause)
        if not any(
            self._words.says("privacy", s.text) and ADDRESS.search(s.text) for s in self._read
        ):
            yield self._finding("no_contact_point", self._near("controller"),
                                "no contact point for data protection is named")  # fmt: skip
        merchant = self._expected.merchant
        takes_files = merchant is not None and merchant.attachments != "off"
        if takes_files and not any(self._says("attachments")):
            yield self._finding("no_attachments", self._near("case"),
                                "nothing is said of images and files that visitors give")  # fmt: skip
        if not any(AUTHORITY.search(s.text) for s in self._says("complain")):
            yield self._finding("no_complaint_body", self._near("complain"),
                                "it is not said which authority hears complaints")  # fmt: skip

    def about_roles(self) -> Iterator[Finding]:
        """Who is responsible: somebody, and only in one role."""
        if not any(role.is_controller for role in self._roles):
            yield self._finding("no_controller", self._near("controller"),
                                "no company is named as the controller")  # fmt: skip
        wrong = contradiction(self._roles, jointly=any(self._says("joint")))
        if wrong:
            yield self._finding(
                "roles_contradict", wrong.line, self._how_roles_contradict(wrong.company)
            )

    def about_ends(self) -> Iterator[Finding]:
        """When conversations and cases end, counted from when."""
        if any(self._says("case")) and not self._lengths("case"):
            yield self._finding("no_case_end", self._near("case"),
                                "conversations with customer service have no last day")  # fmt: skip
        kept = self._lengths("conversation")
        if not kept:
            yield self._finding("no_conversation_end", self._near("conversation"),
                                "it is not said when a conversation with the bot ends")  # fmt: skip
        elif not any(self._words.says("start", sentence.text) for sentence, _ in kept):
            yield self._finding("no_start", kept[0][0].line,
                                "it is not said from when the days are counted")  # fmt: skip

    def differences(self) -> Iterator[Finding]:
        """What the text says otherwise than what runs."""
        yield from self._other_times()
        facts = self._expected.facts
        if facts is None:
            return
        whole = " ".join(" ".join(s.text for s in self._read).split())
        merchant, privacy = facts.merchant, facts.privacy
        own = (merchant.name, merchant.organisation_number)
        if any(name not in whole for name in own):
            cause = f"the controller is {', '.join(own)}"
            yield self._finding("controller_differs", self._near("controller"), cause)
        if privacy.contact not in whole:
            yield self._finding("contact_differs", self._near("controller"),
                                f"the contact point is {privacy.contact}")  # fmt: skip
        yield from self._other_companies(whole)

    def _other_times(self) -> Iterator[Finding]:
        for what, (code, true) in self._true_days().items():
            for sentence, days in self._lengths(what):
                wrong = [length for length in days if length not in true]
                if wrong:
                    yield self._finding(code, sentence.line, _say_days(what, wrong[0], true[0]))
                    break

    def _other_companies(self, whole: str) -> Iterator[Finding]:
        facts = self._expected.facts
        assert facts is not None
        unnamed = [one.name for one in facts.privacy.sub_processors if one.name not in whole]
        denied = self._says("no_sub_processors") if facts.privacy.sub_processors else []
        if unnamed or denied:
            names = ", ".join(one.name for one in facts.privacy.sub_processors)
            yield self._finding("sub_processors_differ", self._near("sub_processors"),
                                f"the sub-processors are {names}")  # fmt: skip
        if facts.abroad() and (denied := self._says("no_transfers")):
            names = ", ".join(f"{one.name} ({one.country})" for one in facts.abroad())
            yield self._finding("transfers_differ", denied[0].line,
                                f"data are outside of the EEA at {names}")  # fmt: skip

    def _true_days(self) -> Mapping[str, tuple[str, tuple[Fraction | int, ...]]]:
        expected, running = self._expected, {name: int(n) for name, n in RUNNING.items()}
        keys, letters = running["key_backup_days"], running["letter_days"]
        known = (
            {}
            if expected.audit_days is None
            else {"audit": ("logs_differ", (expected.audit_days,))}
        )
        return known | {
            "conversation": ("conversation_differs", (expected.conversation_days,)),
            "case": ("case_differs", (expected.case_days,)),
            "transport": ("transport_differs", (Fraction(running["bus_hours"], 24), letters)),
            "backups": ("backups_differ", (running["backup_days"], keys)),
            "keys": ("backups_differ", (keys,)),
            "logs": ("logs_differ", (running["log_days"],)),
            "proof": ("proof_differs", (running["mark_days"],)),
        }  # fmt: skip

    def _lengths(self, what: str) -> list[tuple[Sentence, list[Fraction]]]:
        """The sentences with a length of time that is about this."""
        return [
            (sentence, days)
            for sentence in self._read
            if (days := [*self._words.days(sentence.text)]) and self._topic(sentence) == what
        ]

    def _topic(self, sentence: Sentence) -> str | None:
        return next((what for what in TOPICS if self._is_about(what, sentence.text)), None)

    def _is_about(self, what: str, text: str) -> bool:
        if what == "audit":
            return self._words.says("logs", text) and self._words.says("staff", text)
        return self._words.says(what, text)

    def _says(self, what: str) -> list[Sentence]:
        return [sentence for sentence in self._read if self._words.says(what, sentence.text)]

    def _near(self, what: str) -> int:
        """Where one would look for it: the first line that speaks of this, else the first of all."""
        return next((sentence.line for sentence in (*self._says(what), *self._read)), 1)

    def _how_roles_contradict(self, company: str) -> str:
        ours = [role for role in self._roles if role.company == company]
        if len({role.is_controller for role in ours}) > 1:
            return f"{company} is called controller and processor"
        others = {role.company for role in self._roles if role.is_controller}
        return f"{' and '.join(sorted(others))} are each called the controller"

    def _finding(self, code: str, line: int, cause: str) -> Finding:
        return Finding(code, line, cause, self._expected.sentence(code))


def _say_days(what: str, said: Fraction, true: Fraction | int) -> str:
    times = [say_time(timedelta(days=float(days))) for days in (said, true)]
    return f"it says {times[0]} for {SUBJECTS[what]}; what runs is {times[1]}"
