import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from misora import __version__, cli
from misora.core.errors import NumericsError, OutputError


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.main(words)
    out, problem = capsys.readouterr()
    return code, out, problem


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "--help")
    assert code == 0
    assert all(f"  {name} " in out for name in cli.COMMANDS)
    assert _run(capsys)[0] == 2


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(capsys, "--version") == (0, f"misora {__version__}\n", "")


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_setting_of_a_command_says_what_it_means(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, *name.split(), "--help")
    assert code == 0
    settings = cli.COMMANDS[name].__doc__ or ""
    for line in settings.partition("Args:")[2].splitlines():
        setting, _, meaning = line.strip().partition(":")
        if meaning:
            assert meaning.split()[0] in out, setting


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["generat", "a ball"], "did you mean `misora generate`?"),
        (["corpus", "fim"], "did you mean `misora corpus film`?"),
        (["xyzzy"], "known are generate, film"),
        (["film"], "Missing from misora film"),
        (["film", "-o", "x", "--clips", "many"], "invalid literal for int"),
        (["film", "-o", "x", "--clisp", "3"], "--clisp"),
        (["generate", "a ball", "--scale", "3"], "invalid choice '3'"),
        (["generate", " "], "the prompt is empty"),
        (["generate", "a" * 10_000], "10000 characters"),
        (["generate", "a ball", "--size", "wide"], "such as 128x96"),
        (["generate", "a ball", "--model", "no-such-model"], "no model named"),
        (["film", "-o", "x", "--clips", "0"], "at least 1"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_two(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, problem = _run(capsys, *words)
    assert (code, out) == (2, "")
    assert problem.startswith("error: ")
    assert problem.count("\n") == 1
    assert message in problem
    assert list(tmp_path.iterdir()) == []


def test_a_group_alone_names_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "corpus", "--help")
    assert code == 0
    assert "corpus add" in out
    assert "generate" not in out


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (OutputError("x.mp4 exists"), 2, "x.mp4 exists"),
        (NumericsError("step 3:\nNaN"), 1, "step 3: NaN"),
        (OSError(28, "No space left on device"), 1, "No space left"),
        (KeyboardInterrupt(), 130, "stopped; nothing half-written is left"),
    ],
)
def test_errors_become_one_line_or_one_object(
    error: BaseException, code: int, message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*, json: bool = False) -> None:
        """Fail.

        Args:
            json: as an object.
        """
        raise error

    monkeypatch.setitem(cli.COMMANDS, "fail", fail)
    assert _run(capsys, "fail")[0] == code
    found, out, problem = _run(capsys, "fail", "--json")
    assert found == code
    assert message in problem
    assert json.loads(out)["error"]["message"].replace("\n", " ") in problem
    assert json.loads(out)["error"]["exit_code"] == code


def test_a_programming_error_keeps_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        """Fail."""
        raise ZeroDivisionError

    monkeypatch.setitem(cli.COMMANDS, "fail", fail)
    with pytest.raises(ZeroDivisionError):
        cli.main(["fail"])


def test_the_door_imports_nothing_heavy() -> None:
    heavy = "{'torch', 'mujoco', 'lance', 'av', 'numpy', 'scipy', 'PIL', 'cv2', 'tensorboard'}"
    script = f"import sys, misora.cli; misora.cli.main(['--help']); sys.exit(str({heavy} & set(sys.modules) or 0))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr in ("", "0\n")


def test_the_page_of_commands_holds_each_with_its_settings() -> None:
    page = cli.commands_page()
    assert all(f"\n## misora {name}\n" in page for name in cli.COMMANDS)
    assert "--negative" in page


def test_a_name_that_is_no_text_is_told_and_no_crash(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/a\xff.mp4"
    told = subprocess.run(
        [sys.executable, "-m", "misora", "verify", path, "--json"],
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        check=False,
    )
    assert told.returncode == 2
    assert json.loads(told.stdout)["files"][0]["file"].endswith("a\udcff.mp4")
    assert told.stderr.count(b"\n") == 1
