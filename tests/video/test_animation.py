"""GIF and WebP: times without drift, colours without flicker."""

import io
from collections.abc import Callable

import pytest
import torch
from PIL import Image

from misora.core.errors import MediaError
from misora.video.animation import description, opaque, read_still
from misora.video.clip import Clip
from misora.video.decode import decode
from misora.video.encode import encode
from misora.video.limits import DecodeLimits


@pytest.mark.parametrize(("kind", "grid_seconds"), [("gif", 0.01), ("webp", 0.001)])
@pytest.mark.parametrize("fps", [7, 8, 24, 29.97])
def test_times_are_rounded_without_drifting(
    kind: str, grid_seconds: float, fps: float, squares: Callable[..., Clip]
) -> None:
    clip = squares(30, width=128, fps=fps)
    back = decode(encode(clip, format=kind))
    assert back.num_frames == 30
    assert (back.pts_seconds - clip.pts_seconds).abs().max() <= grid_seconds / 2 + 1e-9


@pytest.mark.parametrize(("kind", "tolerance"), [("gif", 3), ("webp", 6)])
def test_colours_survive(kind: str, tolerance: float, clip: Clip, mean_error: Callable[[Clip, Clip], float]) -> None:
    assert mean_error(decode(encode(clip, format=kind)), clip) < tolerance


def test_frames_that_repeat_are_stored_once_and_shown_longer(clip: Clip) -> None:
    rest = Clip.at_rate(torch.cat([clip.frames[:3], clip.frames[2:3].expand(4, -1, -1, -1)]), 10)
    for kind in ("gif", "webp"):
        back = decode(encode(rest, format=kind))
        assert back.pts_seconds.tolist() == [0.0, 0.1, 0.2]


def test_a_transparent_animation_is_refused() -> None:
    buffer = io.BytesIO()
    frames = [Image.new("RGBA", (8, 8), (level, 0, 0, 100)) for level in (10, 200)]
    frames[0].save(buffer, format="WEBP", save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(MediaError, match="transparent"):
        decode(buffer.getvalue())


def test_a_broken_animation_is_one_typed_error(clip: Clip) -> None:
    for kind in ("gif", "webp"):
        data = encode(clip, format=kind)
        with pytest.raises(MediaError):
            decode(data[: len(data) // 2])


def test_a_comment_is_kept(clip: Clip) -> None:
    with Image.open(io.BytesIO(encode(clip, format="gif", metadata={"comment": "seed 7"}))) as image:
        assert image.info["comment"] == b"seed 7"
    with Image.open(io.BytesIO(encode(clip, format="webp", metadata={"comment": "seed 7"}))) as image:
        assert image.getexif()[0x010E] == "seed 7"
    assert len(description("")) == 0


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    deep = Image.new("I;16", (4, 4), 0x8000)
    assert opaque(deep).getpixel((1, 1)) == (128, 128, 128)


def test_a_still_is_laid_over_the_background_asked_for() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(buffer, format="PNG")
    buffer.seek(0)
    still = read_still(buffer, background=(1, 2, 3), limits=DecodeLimits())
    assert still.getpixel((0, 0)) == (1, 2, 3)
