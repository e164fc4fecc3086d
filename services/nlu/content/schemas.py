"""JSON Schemas of the content files, for editors that complete and check while one types."""

from collections.abc import Mapping
from typing import Any

from libs.contracts.content import Content, Merchant, Topic

DIALECT = "https://json-schema.org/draft/2020-12/schema"

TOPIC_KEYS: Mapping[str, str] = {
    "key": "The topic's name, as the file's: a-z and _.",
    "title": "How a visitor would say it, short: it is shown as a button.",
    "action": "What the bot does; plain answers need not say it.",
    "like": "Another topic whose answers and facts serve where this one has none.",
    "examples": "What visitors type, per language: ten or more each, no two topics alike.",
    "answers": "The texts that the bot says, by name, each per language.",
    "offer_on": "Names of answers after which the bot offers a person.",
    "buttons": "Quick answers below the bot's message, per language.",
    "needs": "Facts that the bot asks for before it answers.",
    "webhook": "The type of the event that the shop's system is asked with: `warranty.lookup`.",
    "intake": "What is asked before the queue; with it, visitors can choose the topic.",
    "tests": "Lines that must be understood as this topic; never examples as well.",
}

MERCHANT_KEYS: Mapping[str, str] = {
    "id": "The shop's id: a-z, 0-9 and hyphens; never changed.",
    "name": "The shop's name, as the chat shows it.",
    "organisation_number": "The company's number, shown in the notice.",
    "address": "The company's address, shown in the notice.",
    "provider": "Who provides the chat.",
    "colour": "The chat's colour; contrast is computed from it.",
    "languages": "The languages that the shop speaks; the first is its own.",
    "time_zone": "Where the shop is, as `Europe/Oslo`.",
    "origins": "The pages that may show the chat: scheme and host, exactly.",
    "notice_url": "The privacy notice, per language.",
    "welcome": "The first words in the chat, per language.",
    "hours": "When agents answer: weekdays, days off, a country's holidays, days with other hours.",
    "skills": "Which agents take the cases of a topic.",
    "default_skill": "Which agents take all other cases.",
    "retention_days": "Days that a conversation is kept after its last message.",
    "case_cap_days": "Days after which a case ends at the latest.",
    "routing": "Whether agents take cases themselves, or each gets the next that fits.",
    "patience_minutes": "Minutes that a visitor who is away stays in the queue.",
    "attachments": "Whether visitors may give files: `off`, or `people` while one has the conversation.",
    "rating": "Whether visitors are asked how a case went.",
    "canned": "Ready answers that agents insert by `/` and their key, each per language.",
    "case_webhook_url": "Where the shop's own help desk hears of cases.",
    "webhook_url": "The shop's order system.",
    "feed_url": "The shop's product feed.",
    "facts": "The variables of the answers: one value for all languages, or a text for each.",
    "privacy": "What the chat's privacy notice needs: contact, country, agreement, sub-processors.",
    "brands": "Brands and products that bear people's names: statistics take them for nobody.",
    "statistics_k": "So many conversations must share something before the statistics show it.",
    "wrong_answer_rate": "The share of wrong answers that the shop puts up with.",
}

CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}
"""Times of day as people write them; JSON Schema's own form demands seconds and a zone."""


def topic_schema() -> dict[str, Any]:
    """The schema of `topics/<key>.yaml`."""
    return _schema(Topic, "A topic of a merchant's content", TOPIC_KEYS)


def merchant_schema() -> dict[str, Any]:
    """The schema of `merchant.yaml`: facts may be plain values, addresses may name variables."""
    schema = _schema(Merchant, "A merchant", MERCHANT_KEYS)
    facts = schema["properties"]["facts"]
    plain = {"type": ["string", "number", "boolean"]}
    facts["additionalProperties"] = {"anyOf": [plain, facts["additionalProperties"]]}
    return schema


def _schema(model: type[Content], title: str, keys: Mapping[str, str]) -> dict[str, Any]:
    schema = _plainly(model.model_json_schema())
    for name, sentence in keys.items():
        schema["properties"][name]["description"] = sentence
    return {"$schema": DIALECT, **schema, "title": title}


def _plainly(node: Any) -> Any:
    """Without the titles that only repeat the keys, and with times of day as they are written."""
    if isinstance(node, list):
        return [_plainly(one) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "time":
        return CLOCK
    named = {key: one for key, one in node.items() if not (key == "title" and isinstance(one, str))}
    return {key: _plainly(one) for key, one in named.items()}
