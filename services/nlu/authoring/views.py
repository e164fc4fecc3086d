"""What the authoring page is shown: drafts, topics, facts, trials, versions, as plain JSON values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from libs.contracts.content import Merchant, PackPublished
from libs.kit.wording import merchant_variables, variables_in
from libs.privacy.masking import mask
from services.nlu.authoring.desk import Built
from services.nlu.authoring.drafts import Draft
from services.nlu.authoring.editors import Editor
from services.nlu.authoring.trial_progress import Progress
from services.nlu.authoring.versions import Publication
from services.nlu.content.changes import Change
from services.nlu.content.packs import MERCHANT_FILE, TOPICS_FOLDER, topic_path
from services.nlu.content.references import Source
from services.nlu.content.yamlfile import ContentError, Problem, YamlFile
from services.nlu.dialogue.scene import FALLBACK
from services.nlu.dialogue.state import Understanding

View = dict[str, Any]


def editor_view(editor: Editor, packs: Iterable[PackPublished]) -> View:
    """Who is logged in, and the shops that are theirs."""
    shops = [
        {
            "id": pack.merchant_id, "name": pack.merchant.name, "colour": pack.merchant.colour,
            "languages": pack.merchant.languages,
        }
        for pack in packs
        if pack.merchant_id in editor.merchants
    ]  # fmt: skip
    return {"email": editor.email, "name": editor.name, "merchants": shops}


def overview(built: Built, newest: PackPublished, starter: Mapping[str, Source]) -> View:
    """The list of topics with what is wrong, and how the draft stands to what is published."""
    draft = built.draft
    own = {Path(path).stem for path in draft.files if path != MERCHANT_FILE}
    keys = sorted({*starter, *own})
    return draft_view(draft, newest) | {
        "version": newest.pack_version,
        "published_at": newest.occurred_at.isoformat(),
        "languages": newest.merchant.languages,
        "topics": [_topic_row(key, built, newest, starter) for key in keys],
        "problems": [problem_view(problem) for problem in built.problems],
    }


def draft_view(draft: Draft, newest: PackPublished) -> View:
    """Where the draft stands; `mark` must come back with every change."""
    return {
        "mark": draft.mark, "stored": draft.is_stored, "undoable": len(draft.steps),
        "who": draft.who, "changed_at": draft.changed_at and draft.changed_at.isoformat(),
        "behind": draft.base != newest.pack_version,
    }  # fmt: skip


def topic_view(key: str, built: Built, starter: Mapping[str, Source], now: datetime) -> View | None:
    """One topic to edit: its text, its values, what is wrong, what its answers may be filled with."""
    path, given = topic_path(key), starter.get(key)
    text = built.draft.files.get(path) or (given.file.text if given else None)
    if text is None:
        return None
    problems = [one for one in map(problem_view, built.problems) if one["file"] == path]
    return {
        "key": key, "text": text, "data": values(text), "problems": problems,
        "own": path in built.draft.files, "starter": given is not None,
        "variables": variables(built, now),
    }  # fmt: skip


def facts_view(built: Built, merchant: Merchant, starter: Mapping[str, Source]) -> View:
    """The merchant's form: every fact that there is or that an answer asks for."""
    data = values(built.draft.files[MERCHANT_FILE]) or {}
    facts = data.get("facts") or {}
    wanted = _wanted(built, starter)
    names = [*facts, *sorted(name for name in wanted if name not in facts)]
    return {
        "languages": merchant.languages,
        "facts": [
            {"name": name, "value": facts.get(name), "used_in": sorted(wanted.get(name, ()))}
            for name in names
        ],
        "welcome": data.get("welcome") or {},
        "wrong_answer_rate": data.get("wrong_answer_rate", merchant.wrong_answer_rate),
        "problems": [
            one for one in map(problem_view, built.problems) if one["file"] == MERCHANT_FILE
        ],
    }


def variables(built: Built, now: datetime) -> View:
    """What an answer can be filled with, per language, for the preview beside it."""
    data = values(built.draft.files[MERCHANT_FILE]) or {}
    if built.pack is None:
        return {"names": sorted(data.get("facts") or {}), "values": {}}
    merchant = built.pack.merchant
    filled = {one: merchant_variables(merchant, one, now) for one in merchant.languages}
    return {"names": sorted(next(iter(filled.values()), {})), "values": filled}


def problem_view(problem: Problem) -> View:
    """A problem; a starter file is named as if it were the merchant's, and never with its folder."""
    path = Path(problem.file)
    name = path.name if path.name == MERCHANT_FILE else f"{TOPICS_FOLDER}/{path.name}"
    return asdict(problem) | {"file": name}


def change_views(found: Sequence[Change]) -> list[View]:
    """Differences, each with its topic and place."""
    return [asdict(change) for change in found]


def trial_view(progress: Progress | None) -> View:
    """How far a trial is, and what it found."""
    if progress is None:
        return {"state": "none"}
    return {
        "state": progress.state, "mark": progress.mark, "seconds": progress.seconds,
        "learning_seconds": progress.learning_seconds, "done": progress.done, "of": progress.of,
        "result": asdict(progress.result) if progress.result else None,
    }  # fmt: skip


def version_views(history: Sequence[Publication], newest: PackPublished) -> list[View]:
    """The list of versions; the first publication of what is in use is marked."""
    current = next((one for one in history if one.version == newest.pack_version), None)
    return [
        {
            "version": one.version, "published_at": one.published_at.isoformat(),
            "who": one.who, "note": one.note, "current": one is current,
        }
        for one in history
    ]  # fmt: skip


def heard_view(heard: Understanding, text: str) -> View:
    """What the bot made of a text, and what of it would be masked before anything is counted."""
    masked = mask(text)
    return {
        "language": heard.language, "intent": heard.intent, "confidence": heard.confidence,
        "sure": heard.intent != FALLBACK, "close": list(heard.close),
        "candidates": [asdict(one) for one in heard.candidates],
        "entities": [
            {"type": one.type, "value": one.value, "start": one.start, "end": one.end}
            for one in heard.entities.found
        ],
        "masked": masked.text, "spans": [asdict(span) for span in masked.spans],
    }  # fmt: skip


def values(text: str) -> View | None:
    """What a text says; None where it cannot be read."""
    try:
        return YamlFile(Path("file"), text).data
    except ContentError:
        return None


def _topic_row(
    key: str, built: Built, newest: PackPublished, starter: Mapping[str, Source]
) -> View:
    path = topic_path(key)
    text = built.draft.files.get(path) or starter[key].file.text
    data = values(text) or {}
    titles = data.get("title")
    examples = data.get("examples")
    counts = examples if isinstance(examples, dict) else {}
    return {
        "key": key,
        "title": titles if isinstance(titles, dict) else {},
        "action": data.get("action", "answer"),
        "examples": {
            language: len(found) for language, found in counts.items() if isinstance(found, list)
        },
        "own": path in built.draft.files,
        "starter": key in starter,
        "changed": built.draft.files.get(path) != newest.sources.get(path),
        "problems": sum(problem_view(one)["file"] == path for one in built.problems),
    }


def _wanted(built: Built, starter: Mapping[str, Source]) -> dict[str, set[str]]:
    """Which topics' answers ask for which of the merchant's facts."""
    wanted: dict[str, set[str]] = {}
    keys = {*starter, *(Path(path).stem for path in built.draft.files if path != MERCHANT_FILE)}
    for key in keys:
        text = built.draft.files.get(topic_path(key))
        data = (values(text) if text else dict(starter[key].file.data)) or {}
        answers = data.get("answers") if data.get("action", "answer") in PLAIN else None
        for texts in (answers or {}).values():
            for one in texts.values() if isinstance(texts, dict) else ():
                for name in variables_in(str(one)):
                    wanted.setdefault(name, set()).add(key)
    return {name: topics for name, topics in wanted.items() if name not in ALWAYS}


PLAIN = ("answer", "handoff")
"""Topics whose answers are filled with nothing but the merchant's own."""

ALWAYS = frozenset(("merchant_name", "provider", "retention_days", "opening_hours", "next_opening"))
"""Variables that need no fact."""
