import pytest
import torch

from misora.core.errors import UsageError
from misora.corpus.cut import CutSettings, at_rate, pieces_of, scenes_of, whole_cells
from misora.video.clip import Clip


def shots(*lengths: int, fps: float = 24.0, height_px: int = 32, width_px: int = 48) -> Clip:
    """Shots of slowly moving stripes, each of another colour."""
    frames = []
    for number, length in enumerate(lengths):
        colour = torch.tensor([(90 * number + 30) % 256, (150 * number) % 256, (40 * number + 200) % 256])
        ramp = torch.arange(width_px) % 16
        for frame in range(length):
            picture = (colour.view(3, 1, 1) * 0.8 + torch.roll(ramp, frame // 4) * 2).clamp(0, 255)
            frames.append(picture.expand(3, height_px, width_px).to(torch.uint8))
    return Clip.at_rate(torch.stack(frames), fps, start_seconds=0.5)


def test_cuts_are_found_on_the_clock_of_the_clip() -> None:
    scenes = scenes_of(shots(48, 36, 60))
    assert [(round(a, 6), round(b, 6)) for a, b in scenes] == [(0.5, 2.5), (2.5, 4.0), (4.0, 6.5)]


def test_one_shot_is_one_scene() -> None:
    assert len(scenes_of(shots(60))) == 1


def test_pieces_hold_whole_groups_at_an_even_rate_and_never_a_cut() -> None:
    settings = CutSettings(fps=8.0, min_seconds=1.0, max_seconds=2.0)
    pieces = list(pieces_of(shots(48, 36, 60), settings))
    assert [piece.num_frames for piece in pieces] == [16, 12, 16]  # the last half second of the last shot is too short
    assert all(piece.fps == 8.0 for piece in pieces)
    assert [piece.pts_seconds[0].item() for piece in pieces] == pytest.approx([0.5, 2.5, 4.0])
    spread = [piece.frames[:, 0].float().mean((1, 2)) for piece in pieces]
    assert all((values.max() - values.min()) < 10 for values in spread)  # one colour a piece


def test_the_frame_on_show_is_taken_from_an_uneven_clock() -> None:
    frames = torch.arange(4, dtype=torch.uint8).view(4, 1, 1, 1).expand(4, 3, 16, 16)
    clip = Clip(frames=frames, pts_seconds=torch.tensor([0.0, 0.1, 0.5, 0.9], dtype=torch.float64))
    taken = at_rate(clip, 4.0, from_seconds=0.0, num_frames=4)
    assert taken.frames[:, 0, 0, 0].tolist() == [0, 1, 2, 2]


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1280, 720), (160, 96)), ((720, 1280), (96, 160)), ((50, 40), (48, 32)), ((97, 96), (96, 96))],
)
def test_footage_is_shrunk_never_enlarged_and_cut_to_whole_cells(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    clip = Clip.at_rate(torch.zeros(1, 3, size[1], size[0], dtype=torch.uint8), 8.0)
    assert whole_cells(clip, 96).size == expected


def test_footage_smaller_than_a_cell_is_refused() -> None:
    clip = Clip.at_rate(torch.zeros(1, 3, 12, 100, dtype=torch.uint8), 8.0)
    with pytest.raises(UsageError, match="100x12 px is smaller than a cell"):
        whole_cells(clip, 96)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"short_side_px": 8}, "short_side_px must be at least 16"),
        ({"fps": 0.0}, "fps must lie in"),
        ({"min_seconds": 3.0, "max_seconds": 2.0}, "min_seconds must lie in"),
        ({"fps": 1.0, "max_seconds": 2.0}, "less than 4 frames"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        CutSettings(**settings)  # type: ignore[arg-type]
