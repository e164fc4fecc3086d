"""The text of the reference pages: every topic with its events, every setting with its sentence."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from deploy.markdown import table
from libs.contracts.asyncapi import personal_fields, sentence
from libs.contracts.envelope import Event
from libs.contracts.topics import DAYS_7_MS, FOR_EVER_MS, SERVICES, TOPICS, Topic, dead_letter_topic
from libs.kit.settings import CommonSettings

MADE = "<!-- Made by `prat docs build` from the code; do not edit. -->\n"
HOUR_MS = 3_600_000
ENVELOPE = ("event_id", "schema_version", "merchant_id", "cause_id", "occurred_at")

EVENTS_HEAD = """\
# Events on the bus

Services tell each other facts, never orders. One service writes a topic; the order within a \
conversation survives, because its id is the key. **Personal** fields are sealed: AES-256-GCM under \
the conversation's own key for a purpose, so they are unreadable everywhere once that key is gone. \
Within v1 only optional fields may be added. Machines read [asyncapi.json](asyncapi.json); each \
event has a tested example in `libs/contracts/examples`.

Every event also has `event_id`, `schema_version`, `merchant_id`, `cause_id` (what it follows \
from) and `occurred_at`; `type` is its name.
"""

SETTINGS_HEAD = """\
# Configuration

Services read the environment. What stands in a table is all there is; secrets are files in \
`PRAT_SECRETS_DIR`, never variables.
"""


def events_page() -> str:
    """docs/events/README.md."""
    overview = table(
        ("topic", "writer", "readers", "keeps", "purposes"),
        [_topic_row(topic) for topic in TOPICS] + [_letter_row(name) for name in SERVICES],
    )
    parts = [MADE + EVENTS_HEAD, "## Topics\n", overview]
    parts += [_topic_section(topic) for topic in TOPICS]
    return "\n".join(parts)


def configuration_page() -> str:
    """docs/configuration.md."""
    parts = [MADE + SETTINGS_HEAD, "## Every service\n", _settings_table(CommonSettings)]
    for title, settings in _own_settings():
        parts += [f"## {title}\n", _settings_table(settings, known=CommonSettings)]
    return "\n".join(parts)


def _topic_row(topic: Topic) -> tuple[str, ...]:
    anchor = f"#{topic.name.replace('.', '')}"
    purposes = ", ".join(purpose.value for purpose in topic.purposes)
    readers = ", ".join(topic.readers) or "merchants' own pipelines"
    return (f"[`{topic.name}`]({anchor})", topic.writer, readers, _keeps(topic), purposes or "none")


def _letter_row(service: str) -> tuple[str, ...]:
    keeps = f"{DAYS_7_MS // HOUR_MS // 24} days"
    return (f"`{dead_letter_topic(service)}`", service, "operators", keeps, "as the record")


def _keeps(topic: Topic) -> str:
    if topic.retention_ms == FOR_EVER_MS:
        return "the newest per key"
    hours = f"{topic.retention_ms // HOUR_MS} hours"
    return f"the newest per key, {hours}" if topic.compacted else hours


def _topic_section(topic: Topic) -> str:
    lines = [f"## {topic.name}\n", f"{topic.about}\n"]
    for event_type in topic.event_types:
        lines += [f"### {event_type.__name__}\n", f"{sentence(event_type)}\n"]
        lines.append(table(("field", "type", "personal"), list(_field_rows(event_type))))
    return "\n".join(lines)


def _field_rows(event_type: type[Event]) -> Iterator[tuple[str, ...]]:
    personal = personal_fields(event_type)
    for name, rule in event_type.model_json_schema()["properties"].items():
        if name in ENVELOPE or name == "type":
            continue
        mark = personal.get(name)
        purposes = "/".join(purpose.value for purpose in mark.purposes) if mark else ""
        note = f"**{purposes}**: {mark.holds}" if mark else ""
        yield f"`{name}`", _type_of(rule), note


def _type_of(rule: dict[str, Any]) -> str:
    if "$ref" in rule:
        return str(rule["$ref"]).rsplit("/", 1)[-1]
    if "enum" in rule:
        return " / ".join(str(value) for value in rule["enum"])
    if "anyOf" in rule:
        return " or ".join(_type_of(option) for option in rule["anyOf"])
    if rule.get("type") == "array":
        return f"list of {_type_of(rule.get('items', {}))}"
    return str(rule.get("format") or rule.get("type", "any"))


def _own_settings() -> Iterator[tuple[str, type[CommonSettings]]]:
    for service in SERVICES:
        name = f"services.{service}.settings"
        if find_spec(f"services.{service}") is None or find_spec(name) is None:
            continue
        for value in vars(import_module(name)).values():
            if (
                isinstance(value, type)
                and issubclass(value, CommonSettings)
                and value.__module__ == name
            ):
                yield service, value


def _settings_table(
    settings: type[CommonSettings], known: type[CommonSettings] | None = None
) -> str:
    skip = known.model_fields if known else {}
    rows = [
        (f"`{_variable(settings, name, field)}`", _default(field), field.description or "")
        for name, field in settings.model_fields.items()
        if name not in skip
    ]
    return table(("variable", "default", "meaning"), rows)


def _variable(settings: type[CommonSettings], name: str, field: FieldInfo) -> str:
    prefix = settings.model_config.get("env_prefix", "")
    return str(field.validation_alias or f"{prefix}{name}".upper())


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "required"
    return f"`{value}`" if str(value) else "(empty)"
