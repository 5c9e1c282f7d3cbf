"""The published schema of canvas files."""

import json
from dataclasses import fields
from pathlib import Path

from misora.generate.canvas_file import CanvasFile
from misora.generate.schema import as_text, canvas_schema

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "canvas.schema.json"


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == as_text(), (
        "python -m misora.generate.schema > docs/canvas.schema.json"
    )


def test_every_setting_is_described_and_nothing_else_is_allowed() -> None:
    schema = canvas_schema()
    assert set(schema["properties"]) == {f.name for f in fields(CanvasFile)} | {"$schema"}
    assert schema["additionalProperties"] is False
    card = schema["properties"]["cards"]["items"]
    assert card["required"] == ["at_seconds"]
    assert card["properties"]["text"] == {"description": "what is said.", "type": "string"}
    assert schema["properties"]["size"]["prefixItems"] == [{"type": "integer"}] * 2
    assert json.loads(as_text()) == schema
