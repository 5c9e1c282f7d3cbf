"""The page of moderation, drawn from its results."""

from pathlib import Path

from PIL import Image

from benchmarks.refusals import draw, table


def _line(value: float) -> dict:
    return {"value": value, "settings": {"count": round(20 * value), "of": 20, "low": value - 0.1, "high": value + 0.1}}


LINES = {
    "recall_plain": _line(0.8),
    "precision_plain": _line(0.9),
    "false_refusals_plain": _line(0.1),
    "recall_plain_self_harm": _line(0.6),
    "false_refusals_plain_art": _line(0.1),
}


def test_the_tables_name_topics_and_categories() -> None:
    rows = table(LINES).splitlines()
    assert "| art | 2 of 20 (0.00–0.20) |" in rows
    assert "| self harm | 12 of 20 (0.50–0.70) |" in rows
    assert "No committed result yet" in table({})


def test_the_plot_bears_two_bars_for_each_way(tmp_path: Path) -> None:
    with Image.open(draw(LINES, tmp_path / "plot.png")) as plot:
        colours = {colour for _, colour in plot.convert("RGB").getcolors(4096) or ()}
    assert {(70, 110, 160), (190, 60, 40)} <= colours
