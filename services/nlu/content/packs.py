"""Merchants' content from files: the starter pack, what a merchant overrides, and the published whole."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from libs.contracts.content import LANGUAGES, Language, Merchant, PackPublished, Topic
from libs.contracts.topics import PACK_BYTES
from services.nlu.content.holidays import with_holidays
from services.nlu.content.references import Source
from services.nlu.content.rules import pack_problems
from services.nlu.content.yamlfile import ContentError, Problem, YamlFile

STARTER = Path(__file__).parents[1] / "packs" / "retail"
"""The starter pack: what every web shop is asked."""

MERCHANT_FILE = "merchant.yaml"
TOPICS_FOLDER = "topics"

FROM_ENVIRONMENT = (
    "origins", "webhook_url", "case_webhook_url", "feed_url", "notice_url", "facts",
)  # fmt: skip
"""Values of merchant.yaml that may name environment variables: addresses differ per house."""

VERSION_LENGTH = 12


def load_folder(folder: Path, environ: Mapping[str, str], now: datetime) -> list[PackPublished]:
    """Every merchant in `folder` (or the one that it is); raises ContentError with all problems."""
    packs: list[PackPublished] = []
    problems: list[Problem] = []
    for path in merchant_files(folder):
        try:
            packs.append(load_pack(path, environ, now))
        except ContentError as error:
            problems.extend(error.problems)
    refuse(list(dict.fromkeys(problems)))
    return packs


def merchant_files(folder: Path) -> list[Path]:
    """The merchant.yaml of each merchant in `folder`, by name; raises ContentError without any."""
    own = folder / MERCHANT_FILE
    found = [own] if own.exists() else sorted(folder.glob(f"*/{MERCHANT_FILE}"))
    if not found:
        cause = "there is no merchant in this folder."
        fix = "name a folder that holds merchant.yaml, or folders that do."
        raise ContentError([Problem(str(folder), 1, 1, cause, fix)])
    return found


def load_pack(path: Path, environ: Mapping[str, str], now: datetime) -> PackPublished:
    """One merchant's pack: the starter pack with the merchant's own topics in place of equal keys."""
    topics = sorted((path.parent / TOPICS_FOLDER).glob("*.yaml"))
    return assemble(YamlFile(path), _read((topic, None) for topic in topics), environ, now)


def pack_of_texts(
    texts: Mapping[str, str],
    environ: Mapping[str, str],
    now: datetime,
    fixed: Mapping[str, Any] | None = None,
) -> PackPublished:
    """The pack of files that are not on disk, by path (`topics/gift_card.yaml`).

    `fixed` are values of the merchant that count whatever its file says.
    """
    merchant = YamlFile(Path(MERCHANT_FILE), texts[MERCHANT_FILE])
    merchant.data.update(fixed or {})
    topics = sorted(path for path in texts if path != MERCHANT_FILE)
    return assemble(merchant, _read((Path(path), texts[path]) for path in topics), environ, now)


def assemble(
    file: YamlFile, topics: Iterable[YamlFile], environ: Mapping[str, str], now: datetime
) -> PackPublished:
    """The merchant's own files on top of the starter pack; raises ContentError with all problems."""
    refuse(file.expand(FROM_ENVIRONMENT, environ))
    merchant = merchant_of(file)
    own = _sources(topics, merchant.languages)
    sources = starter_sources() | own
    refuse([*pack_problems(file, merchant, sources)])
    texts = {MERCHANT_FILE: file.text} | {
        topic_path(key): source.file.text for key, source in own.items()
    }
    topics_in_force = (source.topic for source in sources.values())
    pack = published(with_holidays(merchant, now.date()), topics_in_force, now, texts)
    refuse(_too_large(file, pack))
    return pack


def starter_sources() -> dict[str, Source]:
    """The starter pack's topics with their files, by key."""
    files = _read((path, None) for path in sorted(STARTER.glob("*.yaml")))
    return _sources(files, LANGUAGES, own=False)


def topic_path(key: str) -> str:
    """Where a merchant's own topic stands among its files."""
    return f"{TOPICS_FOLDER}/{key}.yaml"


def merchant_of(file: YamlFile) -> Merchant:
    """The merchant that a file describes; a plain value of a fact is the same in every language."""
    facts = file.data.get("facts")
    if isinstance(facts, dict):
        spread = {name: _in_all_languages(value) for name, value in facts.items()}
        file.data["facts"] = spread
    return file.model(Merchant)


def _in_all_languages(value: Any) -> Any:
    return value if isinstance(value, dict) else dict.fromkeys(LANGUAGES, str(value))


def published(
    merchant: Merchant, topics: Iterable[Topic], now: datetime, sources: Mapping[str, str]
) -> PackPublished:
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
        sources=dict(sources),
    )


def _read(files: Iterable[tuple[Path, str | None]]) -> list[YamlFile]:
    read: list[YamlFile] = []
    problems: list[Problem] = []
    for path, text in files:
        try:
            read.append(YamlFile(path, text))
        except ContentError as error:
            problems.extend(error.problems)
    refuse(problems)
    return read


def _sources(
    files: Iterable[YamlFile], languages: tuple[Language, ...], *, own: bool = True
) -> dict[str, Source]:
    found: dict[str, Source] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            topic = file.model(Topic)
        except ContentError as error:
            problems.extend(error.problems)
        else:
            found[topic.key] = Source(file, topic, languages, own)
    refuse(problems)
    return found


def _too_large(file: YamlFile, pack: PackPublished) -> list[Problem]:
    size = len(pack.model_dump_json(exclude_none=True).encode())
    if size <= PACK_BYTES:
        return []
    cause = f"the whole pack has {size // 1024} kB, more than {PACK_BYTES // 1024}."
    return [file.problem((), cause, "remove topics or examples; 100 examples teach enough.")]


def refuse(problems: list[Problem]) -> None:
    """Raises ContentError if there are problems."""
    if problems:
        raise ContentError(problems)
