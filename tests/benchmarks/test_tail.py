"""The page of the mark, drawn from its results."""

from pathlib import Path

from PIL import Image

from benchmarks.tail import draw, newest_lines, table


def _kept(value: float, z: float) -> dict:
    settings = {"of": 50, "low": 0.9, "high": 1.0, "worst": "real", "found": 1.0, "lowest_z_real": z}
    return {"value": value, "settings": settings}


def test_the_table_shows_both_sizes_and_the_lowest_score() -> None:
    lines = {"kept_96px_crf23": _kept(0.98, 8.75), "kept_256px_crf23": _kept(1.0, 20.0)}
    assert table(lines).splitlines()[-1] == (
        "| crf23 | 0.98 of 50 (0.90–1.00, real) | 1.00 | 8.8 | 1.00 of 50 (0.90–1.00, real) | 1.00 | 20.0 |"
    )


def test_without_a_result_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    assert newest_lines(tmp_path) == {}
    assert "No committed result yet" in table({})


def test_the_plot_bears_a_point_for_each_level(tmp_path: Path) -> None:
    lines = {"chance_excess_p": {"name": "chance_excess_p", "settings": {"trials": 10_000}}}
    for level, seen in ((0.1, 700), (0.001, 6)):
        settings = {"nominal": level, "seen": seen}
        lines[str(level)] = {"name": f"chance_share_at_{level}", "value": seen / 10_000, "settings": settings}
    with Image.open(draw(lines, tmp_path / "plot.png")) as plot:
        assert plot.convert("RGB").getpixel(
            (round(70 + 460 * (1 - 1 / 4.5)), 70 + 460 - round(460 * (1 - 1.155 / 4.5)))
        ) == (
            190,
            60,
            40,
        )
