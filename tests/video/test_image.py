"""Images: pixels in, pixels out, and nothing of where they were taken."""

import io
from pathlib import Path

import pytest
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from misora.core.errors import MediaError, OutputError, UsageError
from misora.video.clip import Clip
from misora.video.image import encode_image, from_pil, read_image, to_pil, write_image
from misora.video.limits import DecodeLimits


@pytest.fixture
def image(clip: Clip) -> UInt8[Tensor, "3 H W"]:
    return clip.frames[3]


def test_png_keeps_every_bit(tmp_path: Path, image: Tensor) -> None:
    write_image(tmp_path / "a.png", image)
    assert torch.equal(read_image(tmp_path / "a.png"), image)
    assert torch.equal(from_pil(to_pil(image)), image)


@pytest.mark.parametrize("name", ["a.jpg", "a.jpeg", "a.webp", "A.JPG"])
def test_lossy_kinds_keep_the_picture(tmp_path: Path, name: str, image: Tensor) -> None:
    write_image(tmp_path / name, image)
    assert (read_image(tmp_path / name).float() - image.float()).abs().mean() < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_the_picture_and_is_dropped(orientation: int, image: Tensor) -> None:
    turned = {
        1: image,
        2: image.flip(2),
        3: image.flip(1, 2),
        4: image.flip(1),
        5: image.transpose(1, 2),
        6: torch.rot90(image, 1, (1, 2)),
        7: torch.rot90(image, 1, (1, 2)).flip(1, 2).transpose(1, 2).rot90(1, (1, 2)),
        8: torch.rot90(image, -1, (1, 2)),
    }[orientation]
    if orientation == 7:
        turned = image.flip(1, 2).transpose(1, 2)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "a camera that tells"
    buffer = io.BytesIO()
    to_pil(turned.contiguous()).save(buffer, format="PNG", exif=exif)
    found = read_image(buffer.getvalue())
    assert torch.equal(found, image)
    assert b"camera" not in encode_image(found)


def test_transparency_needs_a_background() -> None:
    data = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(data, format="PNG")
    with pytest.raises(MediaError, match="flatten"):
        read_image(data.getvalue())
    assert read_image(data.getvalue(), background=(7, 8, 9))[:, 0, 0].tolist() == [7, 8, 9]


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "I;16"])
def test_other_modes_become_rgb(mode: str) -> None:
    data = io.BytesIO()
    Image.new("L", (6, 4), 255).convert(mode if mode != "I;16" else "I").convert(mode).save(
        data, format="TIFF" if mode == "CMYK" else "PNG"
    )
    if mode == "CMYK":
        data = io.BytesIO()
        Image.new("CMYK", (6, 4)).save(data, format="JPEG")
    assert read_image(data.getvalue()).shape == (3, 4, 6)


def test_words_are_written_into_the_file(image: Tensor) -> None:
    with Image.open(io.BytesIO(encode_image(image, metadata={"comment": "美空, seed 7"}))) as found:
        assert found.text["comment"] == "美空, seed 7"
    with Image.open(io.BytesIO(encode_image(image, format="jpg", metadata={"comment": "seed 7"}))) as found:
        assert found.getexif()[0x010E] == '{"comment": "seed 7"}'


@pytest.mark.parametrize("data", [b"", b"not an image", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0" + bytes(40)])
def test_broken_images_are_one_typed_error(data: bytes) -> None:
    with pytest.raises(MediaError):
        read_image(data)


def test_a_truncated_image_is_refused(image: Tensor) -> None:
    data = encode_image(image)
    with pytest.raises(MediaError, match="broken or cut short"):
        read_image(data[: len(data) - 40])


def test_a_bomb_is_refused_by_its_header() -> None:
    data = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(data, format="PNG")
    with pytest.raises(MediaError, match="pixels"):
        read_image(data.getvalue())
    with pytest.raises(MediaError, match="64x48"):
        read_image(encode_image(torch.zeros(3, 48, 64, dtype=torch.uint8)), limits=DecodeLimits(max_pixels=3000))


def test_wrong_names_and_places_are_refused(tmp_path: Path, image: Tensor) -> None:
    with pytest.raises(UsageError, match="choose png, jpg or webp"):
        write_image(tmp_path / "a.tiff", image)
    with pytest.raises(UsageError, match="quality"):
        write_image(tmp_path / "a.jpg", image, quality=0)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        write_image(tmp_path / "file" / "a.png", image)
    assert not (tmp_path / "a.tiff").exists()


def test_a_video_is_no_image(mp4: Path) -> None:
    with pytest.raises(MediaError, match="use decode"):
        read_image(mp4)
