from pathlib import Path

from benchmarks.demo import PROMPT, wanted
from misora.worlds.words import captions


def test_the_benchmark_judges_what_make_demo_makes(repository: Path) -> None:
    assert f'misora generate "{PROMPT}"' in (repository / "Makefile").read_text()


def test_the_judged_script_says_the_prompt() -> None:
    said = {captions(wanted(), register="plain", seed=seed)[0].text for seed in range(200)}
    assert any(all(word in text.split() for word in ("red", "left", "green")) for text in said)
