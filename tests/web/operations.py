"""The operations that a description of an API names, for requests made up from it."""

from typing import Any

import schemathesis
from schemathesis.core.result import Err
from schemathesis.schemas import APIOperation

Operation = APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Operation]


def operations_of(described: dict[str, Any]) -> list[Operation]:
    """Every operation of an OpenAPI document. Raises ``InvalidSchema`` for one that cannot be made out."""
    found = []
    for result in schemathesis.openapi.from_dict(described).get_all_operations():
        if isinstance(result, Err):
            raise result.err()
        found.append(result.ok())
    return found
