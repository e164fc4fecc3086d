"""Merchants' content from files: the starter pack, what a merchant overrides, and the published whole."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from libs.contracts.content import LANGUAGES, Language, Merchant, PackPublished, Topic
from services.nlu.rules import merchant_problems, missing_topics, topic_problems
from services.nlu.yamlfile import ContentError, Problem, YamlFile

STARTER = Path(__file__).parent / "packs" / "retail"
"""The starter pack: what every web shop is asked."""

FROM_ENVIRONMENT = ("origins", "webhook_url", "feed_url", "notice_url")
"""Values of merchant.yaml that may name environment variables: addresses differ per house."""

VERSION_LENGTH = 12


@dataclass(frozen=True)
class _TopicFile:
    """A topic, the file that it came from, and the languages that the file owes."""

    file: YamlFile
    topic: Topic
    languages: tuple[Language, ...]


def load_folder(folder: Path, environ: Mapping[str, str], now: datetime) -> list[PackPublished]:
    """Every merchant in `folder` (or the one that it is); raises ContentError with all problems."""
    packs: list[PackPublished] = []
    problems: list[Problem] = []
    for path in merchant_files(folder):
        try:
            packs.append(load_pack(path, environ, now))
        except ContentError as error:
            problems.extend(error.problems)
    if problems:
        raise ContentError(list(dict.fromkeys(problems)))
    return packs


def merchant_files(folder: Path) -> list[Path]:
    """The merchant.yaml of each merchant in `folder`, by name; raises ContentError without any."""
    own = folder / "merchant.yaml"
    found = [own] if own.exists() else sorted(folder.glob("*/merchant.yaml"))
    if not found:
        cause = "there is no merchant in this folder."
        fix = "name a folder that holds merchant.yaml, or folders that do."
        raise ContentError([Problem(str(folder), 1, 1, cause, fix)])
    return found


def load_pack(path: Path, environ: Mapping[str, str], now: datetime) -> PackPublished:
    """One merchant's pack: the starter pack with the merchant's own topics in place of equal keys."""
    file = YamlFile(path)
    if problems := file.expand(FROM_ENVIRONMENT, environ):
        raise ContentError(problems)
    merchant = file.model(Merchant)
    topics = _topic_files(STARTER, LANGUAGES)
    topics |= _topic_files(path.parent / "topics", merchant.languages)
    _refuse([
        *merchant_problems(file, merchant),
        *missing_topics(file, [one.topic for one in topics.values()]),
        *(problem for one in topics.values()
          for problem in topic_problems(one.file, one.topic, merchant, one.languages)),
    ])  # fmt: skip
    return published(merchant, (one.topic for one in topics.values()), now)


def published(merchant: Merchant, topics: Iterable[Topic], now: datetime) -> PackPublished:
    """The event of publishing; equal content has an equal version and event id."""
    in_order = tuple(sorted(topics, key=lambda topic: topic.key))
    content = [merchant.model_dump(mode="json"), [one.model_dump(mode="json") for one in in_order]]
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    version = digest[:VERSION_LENGTH]
    return PackPublished(
        event_id=uuid5(NAMESPACE_URL, f"prat:pack:{merchant.id}:{version}"),
        merchant_id=merchant.id,
        occurred_at=now,
        pack_version=version,
        merchant=merchant,
        topics=in_order,
    )


def _topic_files(folder: Path, languages: tuple[Language, ...]) -> dict[str, _TopicFile]:
    found: dict[str, _TopicFile] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            file = YamlFile(path)
            topic = file.model(Topic)
        except ContentError as error:
            problems.extend(error.problems)
        else:
            found[topic.key] = _TopicFile(file, topic, languages)
    _refuse(problems)
    return found


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise ContentError(problems)
