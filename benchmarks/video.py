"""Reading and writing clips: the lossless form against codecs, decode against bare PyAV, the start of the sandbox."""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.harness import Benchmark, Number, Options, Reading, at_most, main

if TYPE_CHECKING:
    from misora.video.clip import Clip

_REPEATS = 9
_CODECS = {
    "x264rgb_ultrafast": ("libx264rgb", "rgb24", {"qp": "0", "preset": "ultrafast"}),
    "x264rgb_veryslow": ("libx264rgb", "rgb24", {"qp": "0", "preset": "veryslow"}),
    "ffv1": ("ffv1", "bgr0", {"level": "3", "coder": "1", "context": "1"}),
}


def measure(options: Options) -> Iterator[Reading]:
    """Film a few clips, keep and read them in several ways, then decode a larger one both ways.

    Args:
        options: the seed draws the scripts; a full run films more.

    Yields:
        Readings; times are processor time of one thread, medians over repeats, unless they say wall.
    """
    import torch

    torch.set_num_threads(1)
    clips = _film(options.seed, num_clips=64 if options.full else 16)
    yield from _lossless(clips)
    yield from _codecs(clips)
    yield from _large(clips[0])
    yield from _sandbox(clips[0])


def _film(seed: int, *, num_clips: int) -> list[Clip]:
    from misora.worlds.draw import draw_script
    from misora.worlds.film import Filmer

    with Filmer() as filmer:
        scripts = (draw_script(seed * 10_000 + index, split="any", seconds=2.0) for index in range(num_clips))
        return [filmer.film(script).clip for script in scripts]


def _lossless(clips: list[Clip]) -> Iterator[Reading]:
    import torch

    from misora.video.decode import decode
    from misora.video.lossless import encode_lossless

    packed = [encode_lossless(clip) for clip in clips]
    exact = [torch.equal(decode(data).frames, clip.frames) for data, clip in zip(packed, clips, strict=True)]
    yield Reading(name="lossless_exact_share", value=sum(exact) / len(exact), settings=_described(clips))
    for name, work in (
        ("lossless_decode_ms", [lambda data=data: decode(data) for data in packed]),
        ("lossless_encode_ms", [lambda clip=clip: encode_lossless(clip) for clip in clips]),
    ):
        yield Reading(name=name, value=statistics.mean(map(_median_ms, work)), settings=_described(clips))
    yield Reading(name="lossless_kb", value=_mean_kb(packed), settings=_described(clips))


def _codecs(clips: list[Clip]) -> Iterator[Reading]:
    from misora.video.decode import decode

    for name, (codec, pix_fmt, settings) in _CODECS.items():
        packed = [_coded(clip, codec, pix_fmt, settings) for clip in clips]
        times = [_median_ms(lambda data=data: decode(data), repeats=3) for data in packed]
        yield Reading(name=f"{name}_kb", value=_mean_kb(packed), settings={"clips": len(packed), **settings})
        yield Reading(
            name=f"{name}_decode_ms", value=statistics.mean(times), settings={"clips": len(packed), **settings}
        )


def _large(clip: Clip) -> Iterator[Reading]:
    import av

    from misora.video.decode import decode
    from misora.video.encode import encode
    from misora.video.resize import resize

    large = resize(clip, (640, 480))
    data = encode(large)
    settings = {"size": "640x480", "frames": large.num_frames, "threads": 1}

    def bare() -> Any:
        with av.open(io.BytesIO(data), "r") as container:
            stream: Any = container.streams.video[0]
            stream.codec_context.thread_count = 1
            return [frame.to_ndarray(format="rgb24", threads=1) for frame in container.decode(stream)]

    ours_ms, bare_ms = _median_ms(lambda: decode(data)), _median_ms(bare)
    yield Reading(name="decode_over_bare_pyav", value=ours_ms / bare_ms, settings=settings)
    yield Reading(name="decode_frames_per_second", value=1000 * large.num_frames / ours_ms, settings=settings)
    encode_ms = _median_ms(lambda: encode(large), repeats=3)
    yield Reading(name="encode_frames_per_second", value=1000 * large.num_frames / encode_ms, settings=settings)


def _sandbox(clip: Clip) -> Iterator[Reading]:
    from misora.video.encode import encode
    from misora.video.sandbox import decode_untrusted

    data = encode(clip)
    decode_untrusted(data)
    walls = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        decode_untrusted(data)
        walls.append(1000 * (time.perf_counter() - start))
    yield Reading(
        name="sandbox_ms",
        value=statistics.median(walls),
        settings={"clock": "wall", "least": min(walls), **_described([clip])},
    )


def _coded(clip: Clip, codec: str, pix_fmt: str, settings: dict[str, str]) -> bytes:
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as output:
        stream: Any = output.add_stream(codec, rate=8, options=settings)
        stream.width, stream.height = clip.size
        stream.pix_fmt, stream.codec_context.thread_count = pix_fmt, 1
        for frame in clip.frames:
            picture = av.VideoFrame.from_ndarray(frame.permute(1, 2, 0).contiguous().numpy(), format="rgb24")
            output.mux(stream.encode(picture.reformat(format=pix_fmt)))
        output.mux(stream.encode())
    return buffer.getvalue()


def _median_ms(work: Callable[[], Any], *, repeats: int = _REPEATS) -> float:
    work()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(1000 * (time.process_time() - start))
    return statistics.median(times)


def _mean_kb(packed: list[bytes]) -> float:
    return statistics.mean(len(data) for data in packed) / 1000


def _described(clips: list[Clip]) -> dict[str, Any]:
    sizes = sorted({"x".join(map(str, clip.size)) for clip in clips})
    return {"clips": len(clips), "frames": clips[0].num_frames, "sizes": sizes, "threads": 1}


BENCHMARK = Benchmark(
    name="video",
    about=__doc__ or "",
    minutes=1,
    numbers=(
        Number(name="lossless_exact_share", about="filmed clips that come back bit for bit", floor=1.0),
        Number(name="lossless_decode_ms", about="to read one filmed clip of two seconds, one thread", bar=at_most(3)),
        Number(name="lossless_encode_ms", about="to keep one filmed clip of two seconds, one thread"),
        Number(name="lossless_kb", about="size of one filmed clip of two seconds"),
        Number(name="decode_over_bare_pyav", about="time of decode over that of PyAV's own loop", floor=1.0),
        Number(name="decode_frames_per_second", about="H.264 at 640x480, one thread"),
        Number(name="encode_frames_per_second", about="H.264 at 640x480, one thread, crf 16, whole file"),
        Number(name="sandbox_ms", about="to decode a small clip from outside, its process included"),
    ),
    measure=measure,
)

if __name__ == "__main__":
    main(BENCHMARK)
