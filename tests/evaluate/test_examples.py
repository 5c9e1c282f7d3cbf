import torch

from misora.core.seeds import derive
from misora.evaluate.examples import NO_SHAPE, at_size_of_eyes, cells_of, film_scripts, frames_of, labels_of
from misora.worlds.draw import draw_script
from misora.worlds.script import COLOURS, FLOORS, SHAPES, Beat, Script, Shot, Thing


def _two_shots() -> Script:
    def shot(floor: str, colour: str, shape: str, start: float) -> Shot:
        beat = Beat(kind="fall", thing=0, direction=None, target=None, from_seconds=start, to_seconds=start + 1)
        thing = Thing(shape=shape, colour=colour, size=1.2)
        return Shot(
            floor=floor,
            light="bright",
            camera="still",
            things=(thing,),
            beats=(beat,),
            from_seconds=start,
            to_seconds=start + 1,
        )

    shots = (shot("grey", "red", "egg", 0.0), shot("wooden", "blue", "box", 1.0))
    return Script(seed=0, seconds=2.0, fps=4, width_px=32, height_px=32, shots=shots)


def test_labels_follow_the_shots() -> None:
    cells = torch.zeros(8, 16, 16, dtype=torch.uint8)
    cells[:, 4:8, 4:8] = 1
    labels = labels_of(_two_shots(), cells)
    assert labels.floor.tolist() == [FLOORS.index("grey")] * 4 + [FLOORS.index("wooden")] * 4
    assert labels.colour[:4, 4:8, 4:8].unique().tolist() == [1 + COLOURS.index("red")]
    assert labels.shape[4:, 4:8, 4:8].unique().tolist() == [SHAPES.index("box")]
    assert int((labels.colour > 0).sum()) == 8 * 16
    assert set(labels.shape[:, :4].flatten().tolist()) == {NO_SHAPE}
    later = labels_of(_two_shots(), cells[4:], first=4)
    assert torch.equal(later.colour, labels.colour[4:])
    assert torch.equal(later.floor, labels.floor[4:])


def test_a_thing_is_labelled_whole_at_the_size_of_the_eyes() -> None:
    script = draw_script(derive("labels", 0), split="any", seconds=1.0, fps=4, size=(160, 128), num_lines=1)
    [example] = film_scripts([script])
    assert example is not None
    assert example.clip.num_frames == 4
    # a thing spans about a fifth of the frame or more; a rim alone would cover far less
    cells = cells_of(at_size_of_eyes(example))
    assert cells.shape == (4, 48, 60)
    assert (cells > 0).float().mean() > 0.01


def test_frames_end_where_the_next_beat_begins() -> None:
    assert frames_of(0.0, 1.5, fps=8) == slice(0, 12)
    assert frames_of(1.5, 3.0, fps=8) == slice(12, 24)
