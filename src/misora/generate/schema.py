"""The JSON schema of canvas files, drawn from the records that read them: `python -m misora.generate.schema`."""

from __future__ import annotations

import inspect
import json
import re
import types
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from misora.generate.canvas_file import CanvasFile

_PLAIN = {str: "string", float: "number", int: "integer", bool: "boolean", Path: "string"}


def canvas_schema() -> dict[str, Any]:
    """Draw the schema.

    Returns:
        JSON schema, draft 2020-12.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "misora canvas",
        **_record(CanvasFile),
    }


def as_text() -> str:
    """The schema as the file in docs holds it."""
    return json.dumps(canvas_schema(), indent=1, ensure_ascii=False) + "\n"


def _record(record: type) -> dict[str, Any]:
    told, hints = _attributes(record), get_type_hints(record)
    required = [f.name for f in fields(record) if f.default is MISSING and f.default_factory is MISSING]
    properties = {f.name: {"description": told[f.name], **_kind(hints[f.name])} for f in fields(record)}
    if record is CanvasFile:
        properties["$schema"] = {"type": "string"}
    return {
        "description": (inspect.getdoc(record) or "").splitlines()[0],
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _kind(hint: Any) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        kinds = [_kind(each) for each in inner if each is not type(None)]
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple and inner[-1] is not Ellipsis:
        return {
            "type": "array",
            "prefixItems": [_kind(each) for each in inner],
            "minItems": len(inner),
            "maxItems": len(inner),
        }
    if origin is tuple:
        return {"type": "array", "items": _kind(inner[0])}
    return _record(hint) if is_dataclass(hint) else {"type": _PLAIN[hint]}  # type: ignore[arg-type]


def _attributes(record: type) -> dict[str, str]:
    """What a docstring says of each field."""
    told = (inspect.getdoc(record) or "").partition("Attributes:\n")[2]
    entries = re.findall(r"^    (\w+): (.+?)(?=^    \w+: |\Z)", told, re.MULTILINE | re.DOTALL)
    return {name: " ".join(words.split()) for name, words in entries}


if __name__ == "__main__":
    print(as_text(), end="")
