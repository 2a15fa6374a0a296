"""The description of the door that Watson Orchestrate imports: OpenAPI 3.0.3, this door alone.

Watson identifies itself by bearer or by a header with a key; it cannot sign
(https://developer.watson-orchestrate.ibm.com/connections).
"""

from typing import Any

from core.watson.vocabulary import INTENTS, LONGEST_TEXT, STATES

VERSION = "3.0.3"
APPLICATION = "tollwatch"


def address(base_url: str) -> str:
    """Where the document is, for the server at ``base_url``."""
    return f"{base_url.rstrip('/')}/api/v1/watson/openapi.json"


def description(base_url: str) -> dict[str, Any]:
    """The document, for the server at ``base_url``."""
    return {
        "openapi": VERSION,
        "info": {
            "title": "Tollwatch for Watson Orchestrate",
            "version": "1",
            "description": "Creates tickets, schedules visits, sends notifications and has reports made, from "
            "sentences in Spanish or English.",
            "x-ibm-application-id": APPLICATION,
            "x-ibm-application-name": "Tollwatch",
        },
        "servers": [{"url": f"{base_url.rstrip('/')}/api/v1"}],
        "security": [{"bearer": []}, {"key": []}],
        "paths": {
            "/watson/webhook": {"post": _webhook()},
            "/watson/status": {"get": _operation("watsonStatus", "How this door stands", _object("Status"))},
            "/watson/test-connection": {
                "post": _operation("watsonTestConnection", "Try the connection; nothing is made", _object("Test"))
            },
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
            "schemas": _schemas(),
        },
    }


def _webhook() -> dict[str, Any]:
    operation = _operation("askTollwatch", "Ask Tollwatch to do something", _object("Answer"))
    operation["description"] = (
        "Send what the person said. When `state` is `asking`, put `reply` to the person and send their answer with the "
        "same `session_id`."
    )
    operation["parameters"] = [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key with the same body is done once and answered alike.",
            "schema": {"type": "string", "maxLength": 100},
        }
    ]
    operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _object("Message")}}}
    return operation


def _operation(name: str, summary: str, answer: dict[str, Any]) -> dict[str, Any]:
    error = {"application/json": {"schema": _object("Error")}}
    return {
        "operationId": name,
        "summary": summary,
        "description": summary,
        "responses": {
            "200": {"description": "The answer.", "content": {"application/json": {"schema": answer}}},
            "401": {"description": "No valid key or signature.", "content": error},
            "403": {"description": "The key lacks a scope.", "content": error},
            "409": {"description": "Another message came before under this id.", "content": error},
            "422": {"description": "The message cannot be used.", "content": error},
            "429": {"description": "Too many messages; Retry-After says when to go on.", "content": error},
        },
    }


def _object(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> dict[str, Any]:
    text, flag = {"type": "string"}, {"type": "boolean"}
    optional = {"type": "string", "nullable": True}
    return {
        "Message": _shape(
            {
                "text": {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "description": "What was said."},
                "session_id": {
                    "type": "string",
                    "maxLength": 100,
                    "description": "The conversation; that of an answer.",
                },
                "id": {"type": "string", "maxLength": 100, "description": "Names the message, for repeating it."},
                "language": {"type": "string", "enum": ["en", "es"], "description": "Of the answer; else of the text."},
            },
            ["text"],
        ),
        "Answer": _shape(
            {
                "request_id": {"type": "integer"},
                "session_id": text,
                "state": {"type": "string", "enum": list(STATES)},
                "intent": {"type": "string", "enum": list(INTENTS), "nullable": True},
                "understood_by": {"type": "string", "enum": ["rules", "claude"]},
                "language": text,
                "reply": {"type": "string", "description": "What to tell the person."},
                "asks": {**optional, "description": "The fact that is needed next."},
                "facts": {"type": "object", "additionalProperties": True},
                "result": {
                    **_shape({"kind": text, "id": text, "link": text}, ["kind", "id", "link"]),
                    "nullable": True,
                },
                "error": {
                    **_shape({"code": text, "message": text, "remedy": text}, ["code", "message", "remedy"]),
                    "nullable": True,
                },
                "session_expires_at": {"type": "string", "format": "date-time"},
            },
            ["request_id", "session_id", "state", "reply"],
        ),
        "Status": {"type": "object", "additionalProperties": True},
        "Test": _shape(
            {
                "ok": flag,
                "checks": {
                    "type": "array",
                    "items": _shape(
                        {"name": text, "ok": flag, "needed": flag, "message": text, "remedy": optional}, ["name", "ok"]
                    ),
                },
            },
            ["ok", "checks"],
        ),
        "Error": _shape(
            {"error": _shape({"code": text, "message": text, "remedy": text, "request_id": text}, ["code", "message"])},
            ["error"],
        ),
    }


def _shape(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}
