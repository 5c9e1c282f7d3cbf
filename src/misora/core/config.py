"""Configuration is a value: nested frozen dataclasses, read strictly from plain dictionaries."""

from __future__ import annotations

import difflib
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from misora.core.errors import UsageError

T = TypeVar("T")


def from_dict(cls: type[T], data: Mapping[str, Any], *, where: str = "settings") -> T:
    """Build a dataclass from a dictionary; every key must be known and every value of its type.

    Args:
        cls: a dataclass; its fields may be plain values, other dataclasses, tuples, dictionaries and unions of those.
        data: one entry a field; fields with a default may be left out.
        where: what the message calls this place, such as `config.adam`.

    Returns:
        An instance of `cls`.

    Raises:
        UsageError: if a key is unknown or missing, a value is of another type, or the dataclass refuses it.
    """
    known: dict[str, Field[Any]] = {f.name: f for f in fields(cls) if f.init}  # type: ignore[arg-type]
    for key in data:
        if key not in known:
            raise UsageError(f"unknown setting {where}.{key}{_suggestion(str(key), known)}")
    missing = [name for name, f in known.items() if name not in data and not _has_default(f)]
    if missing:
        raise UsageError(f"missing setting {where}.{missing[0]}; it has no default")
    hints = get_type_hints(cls)
    values = {name: _value(hints[name], value, f"{where}.{name}") for name, value in data.items()}
    try:
        return cls(**values)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from error


def to_dict(config: Any) -> dict[str, Any]:
    """Turn a dataclass into plain values that JSON can hold and `from_dict` reads back.

    Args:
        config: an instance of a dataclass.

    Returns:
        One entry a field; tuples become lists and paths become text.
    """
    return {f.name: _plain(getattr(config, f.name)) for f in fields(config) if f.init}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return to_dict(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _value(kind: Any, value: Any, where: str) -> Any:
    origin = get_origin(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        return _one_of(kind, value, where)
    if origin is Literal:
        if value not in get_args(kind):
            raise UsageError(f"{where} must be one of {', '.join(map(repr, get_args(kind)))}, got {value!r}")
        return value
    if origin in (tuple, list):
        return _sequence(kind, value, where)
    if origin is not None and issubclass(origin, Mapping) and isinstance(value, Mapping):
        return {key: _value(get_args(kind)[1], item, f"{where}.{key}") for key, item in value.items()}
    if is_dataclass(kind):
        if not isinstance(value, Mapping):
            raise UsageError(f"{where} must be a table of settings, got {value!r}")
        return from_dict(kind, value, where=where)  # type: ignore[arg-type]
    return _plain_value(kind, value, where)


def _plain_value(kind: Any, value: Any, where: str) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is Path and isinstance(value, str):
        return Path(value)
    is_bool_for_number = isinstance(value, bool) and kind is not bool
    if is_bool_for_number or not isinstance(value, get_origin(kind) or kind):
        raise UsageError(f"{where} must be {_name(kind)}, got {value!r}")
    return value


def _one_of(kind: Any, value: Any, where: str) -> Any:
    problems: list[UsageError] = []
    for option in get_args(kind):
        if option is type(None):
            if value is None:
                return None
            continue
        try:
            return _value(option, value, where)
        except UsageError as error:
            problems.append(error)
    raise problems[0] if len(problems) == 1 else UsageError(f"{where} must be {_name(kind)}, got {value!r}")


def _sequence(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, list | tuple):
        raise UsageError(f"{where} must be a list, got {value!r}")
    kinds, make = get_args(kind), get_origin(kind)
    if make is tuple and kinds[-1:] != (Ellipsis,):
        if len(kinds) != len(value):
            raise UsageError(f"{where} must hold {len(kinds)} values, got {len(value)}: {value!r}")
        return tuple(_value(k, v, f"{where}[{i}]") for i, (k, v) in enumerate(zip(kinds, value, strict=True)))
    return make(_value(kinds[0], item, f"{where}[{i}]") for i, item in enumerate(value))


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and get_origin(kind) is None else str(kind).replace("typing.", "")


def _suggestion(key: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known) or 'none'}"
