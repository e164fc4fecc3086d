"""The statistics' interface described in OpenAPI, for the programs of merchants."""

from importlib.metadata import version
from typing import Any

from services.analytics.asking import MAX_DAYS
from services.analytics.releasing import NOTHING
from services.analytics.statistics import totals

ROWS = {
    "topics": "topic", "languages": "language", "mentions": "kind", "outcomes": "outcome",
    "hours": "hour", "lengths": "length", "cases": "step", "waits": "seconds",
    "handling": "seconds", "ratings": "score", "days": "day",
}  # fmt: skip
"""The lists of the answer, and what names their rows."""

TEXT, COUNT = {"type": "string"}, {"type": "integer", "minimum": 0}
TIMES = ("wait_p50", "wait_p90", "handling_p50", "handling_p90")
SHARES = ("containment", "rating")


def document() -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Prat statistics",
            "version": version("prat"),
            "description": "Counts of conversations without personal data. What fewer than k "
            'conversations share is pooled in "other", or withheld.',
        },
        "paths": {
            "/api/statistics": {"get": _statistics()},
            "/api/statistics/news": {"get": _news()},
            "/api/openapi.json": {"get": _itself()},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Figures": _figures(), "Error": _error()},
        },
    }


def _statistics() -> dict[str, Any]:
    day = {"type": "string", "format": "date"}
    return {
        "summary": "All figures of one shop in a period of its own calendar.",
        "security": [{"token": []}],
        "parameters": [
            _parameter("merchant", "The shop's id.", TEXT, required=True),
            _parameter("days", "So many days until today.", _up_to(MAX_DAYS)),
            _parameter("month", "`this`: the days of this month so far.", {"enum": ["this"]}),
            _parameter("from", f"First day; with `to`, at most {MAX_DAYS} days.", day),
            _parameter("to", "Last day.", day),
            _parameter("zone", "The shop's own time zone; no other is counted in.", TEXT),
            _parameter("compare", "`previous` adds the period before.", {"enum": ["previous"]}),
        ],
        "responses": {
            "200": _answer("The figures.", "Figures"),
            "400": _answer("The period is none that can be shown.", "Error"),
            "401": _answer("The token does not open this shop's figures.", "Error"),
        },
    }


def _news() -> dict[str, Any]:
    about = "Server-sent events: `counted` when figures may have moved; comments are signs of life."
    return {
        "summary": "Tells when it is worth asking again.",
        "security": [{"token": []}],
        "parameters": [_parameter("merchant", "The shop's id.", TEXT, required=True)],
        "responses": {
            "200": {"description": about, "content": {"text/event-stream": {"schema": TEXT}}},
            "401": _answer("The token does not open this shop's figures.", "Error"),
            "503": _answer("Too many pages are open.", "Error"),
        },
    }


def _itself() -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "summary": "This description.",
        "responses": {"200": {"description": "OpenAPI.", "content": content}},
    }


def _steps() -> dict[str, Any]:
    topics = {"type": "object", "additionalProperties": COUNT}
    counts = dict.fromkeys(("chats", "messages", "handed_over"), COUNT)
    row = _object({"from": TEXT, "to": TEXT, **counts, "topics": topics})
    kind = {"enum": ["day", "week"], "description": "Weeks in a period of more than 31 days."}
    return _object({"kind": kind, "rows": {"type": "array", "items": row}})


def _oldest() -> dict[str, Any]:
    days = dict.fromkeys(("days", "samples", "marks", "halves"), COUNT)
    since = {"type": ["string", "null"], "format": "date"}
    about = (
        "Days since what leads to a conversation was last written, at most; `days` is the longest."
    )
    return _object({**days, "counts_since": since}) | {"description": about}


def _figures() -> dict[str, Any]:
    rows = {name: _rows(key) for name, key in ROWS.items()}
    heat = {"type": "array", "items": {"type": "array", "items": COUNT}}
    return {
        "type": "object",
        "required": ["merchant", "period", "k", "totals", *rows],
        "properties": {
            "merchant": _object({"id": TEXT, "name": TEXT}),
            "period": _object({"from": TEXT, "to": TEXT, "time_zone": TEXT}),
            "k": COUNT | {"description": "So many conversations share whatever is shown."},
            "totals": _object({name: _total(name) for name in totals(NOTHING)}),
            **rows,
            "heat": heat | {"description": "Chats by weekday, Monday first, and hour."},
            "steps": _steps() | {"description": "The period step by step."},
            "pooled": {
                "type": "object",
                "additionalProperties": COUNT,
                "description": 'What is pooled in "other", by list.',
            },
            "titles": {"type": "object", "description": "Titles of topics, by language."},
            "oldest": _oldest(),
            "last_counted_seconds_ago": {"type": ["number", "null"]},
            "previous": {"$ref": "#/components/schemas/Figures"},
        },
    }


def _total(name: str) -> dict[str, Any]:
    if name in TIMES:
        return {"type": ["string", "null"], "description": "Seconds, or `longer`."}
    kind = "number" if name in SHARES else "integer"
    return {"type": [kind, "null"], "description": "Null where fewer than k share it, or nobody."}


def _rows(key: str) -> dict[str, Any]:
    return {"type": "array", "items": _object({key: TEXT, "n": COUNT})}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": [*properties], "properties": properties}


def _error() -> dict[str, Any]:
    return _object({"error": _object({"code": TEXT, "message": TEXT, "fix": TEXT})})


def _up_to(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _parameter(
    name: str, about: str, schema: dict[str, Any], *, required: bool = False
) -> dict[str, Any]:
    return {
        "name": name, "in": "query", "description": about, "required": required, "schema": schema,
    }  # fmt: skip


def _answer(about: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": about, "content": content}
