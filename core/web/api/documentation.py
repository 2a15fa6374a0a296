"""``openapi.json`` of each API and, drawn from it on the server, its ``docs``: no script, nothing from outside."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.concurrency import run_in_threadpool

from core.web import html

_METHODS = ("get", "post", "put", "patch", "delete")
_ERROR_SCHEMA = {
    "type": "object",
    "description": "What happened, what to do, and the number of the request in the log.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "remedy", "request_id"],
            "properties": {
                "code": {"type": "string", "description": "Stable; programs decide by it."},
                "message": {"type": "string"},
                "remedy": {"type": "string"},
                "request_id": {"type": "string"},
                "facts": {"type": "object", "additionalProperties": True},
            },
        }
    },
}
_ERRORS = {
    "400": "The request cannot be read, or cannot be done as asked.",
    "401": "No valid session or key.",
    "403": "The caller lacks the permission.",
    "404": "There is no such thing.",
    "409": "Somebody changed the same thing first.",
    "413": "The body is too large.",
    "422": "A value cannot be used.",
    "429": "Too many requests; Retry-After says when to go on.",
    "503": "A part the product depends on does not answer.",
}
_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key, tw_…"},
    "session": {"type": "apiKey", "in": "cookie", "name": "tollwatch_session", "description": "A signed-in browser."},
}


def add_documentation(api: FastAPI, prefix: str, example: str) -> None:
    """Give ``api`` its description and the page that shows it, with a request to the path ``example``.

    Both are public, they hold no data.
    """

    async def openapi_json() -> JSONResponse:
        return JSONResponse(await run_in_threadpool(description, api, prefix))

    async def docs(request: Request) -> HTMLResponse:
        described = await run_in_threadpool(description, api, prefix)
        told = operations(described)
        return html.page(request, "api_docs.html", api=described, operations=told, prefix=prefix, example=example)

    api.add_api_route("/openapi.json", openapi_json, include_in_schema=False)
    api.add_api_route("/docs", docs, include_in_schema=False)


def description(api: FastAPI, prefix: str) -> dict[str, Any]:
    """The OpenAPI description with the one error shape and the two ways to identify oneself."""
    if api.openapi_schema:
        return api.openapi_schema
    schema = get_openapi(
        title=api.title,
        version=api.version,
        description=api.description,
        routes=api.routes,
        servers=[{"url": prefix}],
    )
    components = schema.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components.setdefault("schemas", {})["Error"] = _ERROR_SCHEMA
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    schema["security"] = [{name: []} for name in _SCHEMES]
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for _, _, operation in operations(schema):
        for status, words in _ERRORS.items():
            operation["responses"][status] = {"description": words, "content": answer}
    api.openapi_schema = schema
    return schema


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of everything described, in order."""
    return [
        (method, path, item[method])
        for path, item in schema.get("paths", {}).items()
        for method in _METHODS
        if method in item
    ]
