"""`prat docs`: pages that are made from the code, so that they cannot say anything else."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.output import faults_reported
from deploy.cli.reference import configuration_page, events_page
from libs.contracts import asyncapi
from libs.contracts.compatibility import breaking_changes
from libs.contracts.topics import TOPICS
from libs.kit.errors import ConfigurationError

app = typer.Typer(no_args_is_help=True, help="Make and check the pages that come from the code.")

EVENTS = Path("docs/events")
CONTENT = Path("docs/content")
EXPORT = Path("docs/privacy/conversation-export.schema.json")
CONFIGURATION = Path("docs/configuration.md")
Root = Annotated[Path, typer.Option(help="The project folder.", file_okay=False)]


@app.command()
def build(root: Root = Path()) -> None:
    """Write docs/events (AsyncAPI), docs/content (JSON Schemas), docs/privacy (data map), the settings."""
    for path, text in pages().items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        typer.echo(f"wrote {path}")


@app.command()
def check(root: Root = Path()) -> None:
    """Fail when a committed page or schema differs from what the code says."""
    with faults_reported():
        _refuse("These pages differ from the code", stale_pages(root), "prat docs build")
        _refuse("These topics' schemas changed", changed_schemas(), "prat docs snapshot")
    typer.echo("Pages and schemas say what the code says.")


@app.command()
def snapshot() -> None:
    """Take the events as they are now as agreed; refused when it would break readers of v1."""
    with faults_reported():
        take_snapshots()
    typer.echo(f"{len(TOPICS)} schemas are as the code says.")


def take_snapshots() -> None:
    """Write every topic's schema; raises ConfigurationError before writing a breaking one."""
    for topic in TOPICS:
        path = asyncapi.SCHEMAS / f"{topic.name}.json"
        before = asyncapi.committed_snapshot(topic) if path.exists() else {}
        after = asyncapi.snapshot(topic)
        if problems := breaking_changes(before, after):
            raise ConfigurationError(
                f"{topic.name} would break its readers: {'; '.join(problems)}.",
                "add an optional field instead, or make a v2 topic.",
            )
        path.write_text(as_json(after), encoding="utf-8")


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    from deploy.privacy.pages import privacy_pages

    made = event_pages() | content_schemas() | export_schema() | privacy_pages()
    return made | {CONFIGURATION: configuration_page()}


def event_pages() -> dict[Path, str]:
    """The pages about the bus."""
    return {
        EVENTS / "asyncapi.json": as_json(asyncapi.document(version("prat"))),
        EVENTS / "README.md": events_page(),
    }


def content_schemas() -> dict[Path, str]:
    """The schemas of merchants' content files."""
    from services.nlu.content.schemas import merchant_schema, topic_schema

    return {
        CONTENT / "topic.schema.json": as_json(topic_schema()),
        CONTENT / "merchant.schema.json": as_json(merchant_schema()),
    }


def export_schema() -> dict[Path, str]:
    """The schema of what visitors download."""
    from services.retention.export_format import schema

    return {EXPORT: as_json(schema())}


def stale_pages(root: Path) -> list[str]:
    """The pages under `root` that are missing or differ from the code."""
    return [
        str(path)
        for path, text in pages().items()
        if not (root / path).exists() or (root / path).read_text("utf-8") != text
    ]


def changed_schemas() -> list[str]:
    """The topics whose committed schema is missing or differs from the code."""
    return [
        topic.name
        for topic in TOPICS
        if not (asyncapi.SCHEMAS / f"{topic.name}.json").exists()
        or asyncapi.committed_snapshot(topic) != asyncapi.snapshot(topic)
    ]


def as_json(value: object) -> str:
    """JSON as it is committed: indented, ending with a newline."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _refuse(cause: str, names: list[str], command: str) -> None:
    if names:
        raise ConfigurationError(f"{cause}: {', '.join(names)}.", f"run `{command}`.")
