"""The shape of the tree, held by reading it: rooms in order, tests that mirror, files of one idea."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "misora"
TESTS = ROOT / "tests"
# fmt: off
ROOMS = (
    "core", "video", "flow", "model", "trust", "worlds", "corpus",
    "generate", "train", "simulate", "evaluate", "serve", "cli",
)
# fmt: on
MAX_LINES = 400
MAX_FUNCTION_LINES = 60

# Source files with public names and no test file of their own, each with the test that holds it instead.
TESTED_ELSEWHERE = {
    "train/task.py": "train/test_run.py",  # the protocol, met by the task that the test brings
    "train/autoencoder_task.py": "train/test_start.py",  # recipes run whole
    "train/transformer_task.py": "train/test_start.py",
}

# Test files that hold something else than a source file, each with what it holds.
HOLDS_ANOTHER_FILE = {"flow/test_toy.py": "docs/toy.md"}

# Records that are written out or handed on whole; every field of any other dataclass is read somewhere.
RECORDS = {"Failure", "Machine", "Outcome", "Probe", "Record", "Truth"}

# The shapes of jaxtyping that a tensor may stand in.
DTYPES = re.compile(r"(Shaped|Bool|Real|Complex\d*|Num|Inexact|B?Float(8\w+|\d+)?|U?Int\d*|Integer|Key)")
FILES = sorted(path for path in SOURCE.rglob("*.py") if "weights" not in path.relative_to(SOURCE).parts)
IDS = [path.relative_to(SOURCE).as_posix() for path in FILES]
Function = ast.FunctionDef | ast.AsyncFunctionDef

every_file = pytest.mark.parametrize("path", FILES, ids=IDS)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(module: str) -> str | None:
    """Name the room of `misora.ROOM...`; None for misora itself and for other packages."""
    parts = module.split(".")
    return parts[1] if parts[0] == "misora" and len(parts) > 1 else None


def imported(path: Path) -> Iterator[str]:
    """Name every module that a file imports, wherever in it."""
    package = ("misora", *path.relative_to(SOURCE).parent.parts)
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


@cache
def names_read() -> frozenset[str]:
    """Every attribute that the code reads, and every word it could pass to getattr."""
    nodes = [node for path in (*FILES, *(ROOT / "benchmarks").glob("*.py")) for node in ast.walk(tree_of(path))]
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
    return frozenset(
        attributes | {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    )


def public_functions(path: Path) -> Iterator[Function]:
    for node in tree_of(path).body:
        body = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else [node]
        yield from (f for f in body if isinstance(f, Function) and not f.name.startswith("_"))


def test_every_folder_is_a_room() -> None:
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"} - {"weights"}
    assert folders <= set(ROOMS)
    assert {path.name for path in SOURCE.glob("*.py")} == {"__init__.py", "__main__.py"}


@every_file
def test_a_room_imports_only_from_itself_and_rooms_above(path: Path) -> None:
    if path.parent == SOURCE and path.name in ("__init__.py", "__main__.py"):
        return
    own = ROOMS.index(path.relative_to(SOURCE).parts[0])
    for module in imported(path):
        room = room_of(module)
        if room in ROOMS:
            assert ROOMS.index(room) <= own, f"{path.name} imports {module}, which lies below {ROOMS[own]}"


@every_file
def test_a_file_with_public_names_has_its_test_file(path: Path) -> None:
    relative = path.relative_to(SOURCE)
    has_public = any(
        isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_") for node in tree_of(path).body
    )
    if not has_public or path.name in ("__init__.py", "__main__.py"):
        return
    if relative.as_posix() in TESTED_ELSEWHERE:
        assert (TESTS / TESTED_ELSEWHERE[relative.as_posix()]).is_file()
        return
    assert (TESTS / relative.parent / f"test_{path.name}").is_file(), (
        f"{relative} has no tests/{relative.parent}/test_{path.name}"
    )


def test_a_test_file_belongs_to_a_source_file() -> None:
    for room in ROOMS:
        for path in (TESTS / room).glob("test_*.py"):
            held = HOLDS_ANOTHER_FILE.get(f"{room}/{path.name}")
            source = ROOT / held if held else SOURCE / room / path.name.removeprefix("test_")
            assert source.is_file(), f"tests/{room}/{path.name} mirrors nothing"


@every_file
def test_a_file_is_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if len(text.splitlines()) > MAX_LINES:
        assert re.search(rf"^# over {MAX_LINES} lines: .{{20,}}", text, re.MULTILINE), f"split it, or say why: {path}"


@every_file
def test_a_function_is_read_at_once(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, Function):
            documented = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
            start = node.body[0].end_lineno if documented else node.lineno
            length = (node.end_lineno or 0) - (start or 0)
            assert length <= MAX_FUNCTION_LINES, f"{path.name}: {node.name} has {length} lines of code; split it"


@pytest.mark.parametrize("name", ["utils", "util", "helpers", "helper", "misc", "common", "shared", "stuff"])
def test_no_room_for_odds_and_ends(name: str) -> None:
    assert not [*SOURCE.rglob(f"{name}.py"), *SOURCE.rglob(f"{name}/")]


@every_file
def test_zip_says_whether_lengths_may_differ(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip":
            assert any(word.arg == "strict" for word in node.keywords), f"{path.name}:{node.lineno} zip without strict="


def test_there_is_one_sampler() -> None:
    solvers = {f.name for f in public_functions(SOURCE / "flow" / "solve.py")}
    names = {f"misora.{home}.{solver}" for home in ("flow", "flow.solve") for solver in solvers}
    outside = (path for path in FILES if path.relative_to(SOURCE).parts[0] != "flow")
    users = {path.relative_to(SOURCE).as_posix() for path in outside if names & set(imported(path))}
    assert users == {"generate/sample.py"}


@pytest.mark.parametrize("name", ["abilities", "in_time", "in_picture", "lay", "storyboard", "camera"])
def test_an_ability_does_no_more_than_build_a_canvas(name: str) -> None:
    banned = {"flow", "model.transformer", "generate.sample", "generate.latents", "generate.studio.generate"}
    found = set(imported(SOURCE / "generate" / f"{name}.py"))
    assert not {module for module in found if any(module.startswith(f"misora.{each}") for each in banned)}


@every_file
def test_tensors_in_public_signatures_have_shapes(path: Path) -> None:
    for function in public_functions(path):
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        notes = [note for note in (*(a.annotation for a in arguments), function.returns) if note is not None]
        assert not any(map(_has_bare_tensor, notes)), (
            f"{path.name}: {function.name} takes or gives a tensor without a shape"
        )


@every_file
def test_tensors_in_records_have_shapes(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(d) for d in node.decorator_list):
            for entry in node.body:
                if isinstance(entry, ast.AnnAssign):
                    assert not _has_bare_tensor(entry.annotation), (
                        f"{path.name}: {node.name} holds a tensor without a shape"
                    )


@every_file
def test_every_field_is_read(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(d) for d in node.decorator_list):
            named = [e.target.id for e in node.body if isinstance(e, ast.AnnAssign) and isinstance(e.target, ast.Name)]
            unread = set(named) - names_read()
            assert node.name in RECORDS or not unread, (
                f"{path.name}: nobody reads {node.name}.{', '.join(sorted(unread))}"
            )


@every_file
def test_raised_errors_are_documented(path: Path) -> None:
    for function in public_functions(path):
        documented = (ast.get_docstring(function) or "").partition("Raises:")[2]
        for name in _raised(function):
            assert name in documented, f"{path.name}: {function.name} raises {name} without saying so"


@every_file
def test_commands_in_text_name_no_machine(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.match(r"/(root|home|work|opt|mnt)/", node.value), f"{path.name}:{node.lineno} {node.value!r}"


def _has_bare_tensor(note: ast.expr) -> bool:
    if isinstance(note, ast.Constant) and isinstance(note.value, str):
        try:
            note = ast.parse(note.value, mode="eval").body
        except SyntaxError:
            return False
    if isinstance(note, ast.Subscript) and DTYPES.fullmatch(ast.unparse(note.value).split(".")[-1]):
        return False
    if ast.unparse(note) in ("Tensor", "torch.Tensor"):
        return True
    return any(_has_bare_tensor(child) for child in ast.iter_child_nodes(note) if isinstance(child, ast.expr))


def _raised(function: Function) -> Iterator[str]:
    inner = {id(n) for f in ast.walk(function) if isinstance(f, Function) and f is not function for n in ast.walk(f)}
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and id(node) not in inner and isinstance(node.exc, ast.Call):
            name = ast.unparse(node.exc.func).split(".")[-1]
            if name[:1].isupper() and name not in ("AssertionError", "NotImplementedError"):
                yield name
