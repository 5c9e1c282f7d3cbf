"""Files read strictly."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from misora.core.errors import PolicyError
from misora.trust.strict_toml import line_of, placed_error, read_strict


@dataclass(frozen=True)
class Inner:
    size: int


@dataclass(frozen=True)
class Outer:
    name: str
    inner: dict[str, Inner]
    rule: tuple[Inner, ...] = ()


def _write(folder: Path, text: str) -> Path:
    (folder / "x.toml").write_text(text)
    return folder / "x.toml"


def test_a_file_becomes_a_value(tmp_path: Path) -> None:
    value, _ = read_strict(Outer, _write(tmp_path, 'name = "a"\n[inner.b]\nsize = 3\n[[rule]]\nsize = 4\n'))
    assert value == Outer(name="a", inner={"b": Inner(3)}, rule=(Inner(4),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "a"\n[inner.b]\n\nsise = 3\n', r"x\.toml:4: inner\.b\.sise: unknown setting.*did you mean 'size'"),
        ("name = 3\n[inner]\n", r"x\.toml:1: name: must be str"),
        ('name = "a"\n[inner]\n[[rule]]\nsize = 1\n[[rule]]\nsize = "x"\n', r"x\.toml:6: rule\[1\]\.size: must be int"),
        ('name = "a"\nname = "b"\n', r"x\.toml:2: this is not TOML"),
        ('name = "a"\n', r"inner"),
    ],
)
def test_an_error_names_file_line_and_key(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=message):
        read_strict(Outer, _write(tmp_path, text))


def test_a_check_is_told_where_its_key_stands(tmp_path: Path) -> None:
    path = _write(tmp_path, 'name = "a"\n[inner.b]\nsize = 3\n')
    with pytest.raises(PolicyError, match=r"x\.toml:3: inner\.b\.size: is odd"):
        read_strict(
            Outer, path, check=lambda value: [(("inner", "b", "size"), "is odd")] if value.inner["b"].size % 2 else []
        )


def test_what_is_no_text_or_not_there_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="correct the path"):
        read_strict(Outer, tmp_path / "none.toml")
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyError, match="not TOML"):
        read_strict(Outer, tmp_path / "x.toml")


def test_a_key_in_an_inline_table_is_told_by_the_line_of_its_table(tmp_path: Path) -> None:
    text = "# remark\na = { b = 1 }\n"
    assert line_of(text, ("a", "b")) == 2
    assert str(placed_error(tmp_path / "p", text, ("a", "b"), "bad")).endswith("p:2: a.b: bad")
    assert line_of(text, ("z",)) is None
