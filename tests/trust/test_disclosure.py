"""Words for programs that know no C2PA."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import av
import pytest
from PIL import Image
from torch import Tensor

from misora.core.errors import MediaError
from misora.trust.claim import CREATED, MIME_TYPES
from misora.trust.disclosure import XMP_UUID, disclose, packet
from misora.trust.layout import boxes
from misora.video.image import encode_image


def source_type(xmp: bytes | str) -> str:
    """What a reader of XMP finds."""
    text = xmp.decode() if isinstance(xmp, bytes) else xmp
    root = ET.fromstring(text.strip().partition("?>")[2].rpartition("<?")[0])
    [description] = root.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    return description.attrib["{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"]


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".jpg"])
def test_pictures_say_that_a_model_made_them(suffix: str, signed: dict[str, Path]) -> None:
    with Image.open(signed[suffix]) as picture:
        picture.load()
        assert picture.size == (64, 48)
        if suffix != ".gif":
            assert source_type(picture.info["xmp"]) == CREATED
    assert packet(CREATED) in signed[suffix].read_bytes()


def test_an_mp4_says_it_in_a_box_and_still_plays(signed: dict[str, Path]) -> None:
    data = signed[".mp4"].read_bytes()
    last = boxes(io.BytesIO(data))[-1]
    assert data[last.offset + 4 : last.offset + 24] == b"uuid" + XMP_UUID
    assert data[last.offset + 24 :] == packet(CREATED)
    with av.open(str(signed[".mp4"])) as container:
        assert sum(1 for _ in container.decode(video=0)) == 4


@pytest.mark.parametrize("is_lossless", [False, True])
def test_a_plain_webp_is_extended(tmp_path: Path, frames: Tensor, is_lossless: bool) -> None:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(encode_image(frames[0]))).save(buffer, "WEBP", lossless=is_lossless)
    assert b"VP8X" not in buffer.getvalue()
    path = tmp_path / "a.webp"
    path.write_bytes(buffer.getvalue())
    disclose(path, "image/webp", CREATED)
    with Image.open(path) as picture:
        picture.load()
        assert picture.size == (64, 48)
        assert source_type(picture.info["xmp"]) == CREATED


@pytest.mark.parametrize("mime", sorted(set(MIME_TYPES.values()) - {"video/mp4"}))
def test_what_is_not_of_its_type_is_refused(tmp_path: Path, mime: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"nothing of the kind, but long enough to be looked into")
    with pytest.raises(MediaError, match="nothing was signed"):
        disclose(path, mime, CREATED)
