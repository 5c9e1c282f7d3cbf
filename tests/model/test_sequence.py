"""Packing."""

import torch

from misora.model.grid import Grid
from misora.model.sequence import SpokenLine, lay_out

CLIP = Grid(groups=4, rows=2, columns=3, seconds_per_group=0.5)
STILL = Grid(groups=1, rows=2, columns=2, seconds_per_group=0.0)


def line(tokens: int, begin: float, end: float) -> SpokenLine:
    return SpokenLine(features=torch.randn(tokens, 384), from_seconds=begin, to_seconds=end)


def test_equal_clips_in_a_row_form_one_block() -> None:
    sequence = lay_out([CLIP, CLIP, STILL], [(), (), ()])
    assert [(b.num_clips, b.tokens, b.frames) for b in sequence.blocks] == [
        (2, slice(0, 48), slice(0, 8)),
        (1, slice(48, 52), slice(8, 9)),
    ]
    assert sequence.num_tokens == 52
    assert sequence.clip_of_token.tolist() == [0] * 24 + [1] * 24 + [2] * 4


def test_each_latent_frame_hears_the_line_over_its_middle_or_silence() -> None:
    said = (line(5, 0.0, 1.0), line(7, 1.0, 1.5))
    sequence = lay_out([CLIP, STILL], [said, (line(3, 0.0, 1.0),)])
    assert sequence.line_of_frame.tolist() == [1, 1, 2, 0, 3]
    assert sequence.is_said.sum(1).tolist() == [1, 5, 7, 3]


def test_where_lines_overlap_the_later_one_is_heard() -> None:
    sequence = lay_out([CLIP], [(line(2, 0.0, 2.0), line(2, 1.0, 2.0))])
    assert sequence.line_of_frame.tolist() == [1, 1, 2, 2]


def test_cards_share_a_block_with_clips_of_their_shape_and_keep_their_own_clock() -> None:
    with_card = Grid(groups=3, rows=2, columns=3, seconds_per_group=0.5, cards_seconds=(0.7,))
    sequence = lay_out([CLIP, with_card], [(line(2, 0.0, 1.0),), (line(3, 0.6, 0.8),)])
    assert [(b.num_clips, b.tokens, b.frames) for b in sequence.blocks] == [(2, slice(0, 48), slice(0, 8))]
    assert sequence.seconds_per_group.tolist() == [0.5] * 7 + [0.0]
    assert sequence.line_of_frame.tolist() == [1, 1, 0, 0, 0, 2, 0, 2]
