"""The judge: does a video show what its script says? By pixels alone, attribute by attribute."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Shaped, UInt8
from torch import Tensor

from misora.core.folder import load_tensors
from misora.evaluate.cuts import CutNetwork, change_features, find_cuts
from misora.evaluate.motion import DOINGS, MotionNetwork, doing_of, features
from misora.evaluate.network import MapNetwork, look
from misora.evaluate.tracks import Blobs, Track, find_blobs, find_tracks, floor_of
from misora.video.clip import Clip
from misora.worlds.script import COLOURS, FLOORS, SHAPES, Beat, Script, Shot, Thing

ATTRIBUTES = ("floor", "colour", "shape", "motion", "count", "cut_time", "swap")
WEIGHTS = Path(__file__).parents[1] / "weights" / "judge" / "judge.safetensors"
SHORT_SIDE_PX = 96
"""The size that the judge learnt; larger and smaller videos are resized to it."""
CUT_TOLERANCE_SECONDS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One shot as it is seen.

    Attributes:
        floor: index of the floor.
        tracks: the things, the most visible first.
        times_seconds: when its frames are shown.
    """

    floor: int
    tracks: tuple[Track, ...]
    times_seconds: Float[np.ndarray, " f"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A video as it is seen, before anyone says what it should show.

    Attributes:
        floor: logits of the floors, frame by frame.
        blobs: what is seen of each colour, frame by frame.
        times_seconds: when the frames are shown, from 0.
        cuts: first frame of each shot but the first.
    """

    floor: Float[Tensor, "f 4"]
    blobs: Blobs
    times_seconds: Float[np.ndarray, " f"]
    cuts: tuple[int, ...]

    def scenes(self, cuts: tuple[int, ...]) -> tuple[Scene, ...]:
        """Split at some frames and follow the things of each part.

        Args:
            cuts: first frame of each scene but the first, rising.

        Returns:
            One scene more than cuts.
        """
        ends = (0, *cuts, len(self.times_seconds))
        return tuple(
            Scene(
                floor=floor_of(self.floor[first:last]),
                tracks=find_tracks(self.blobs.between(first, last)),
                times_seconds=self.times_seconds[first:last],
            )
            for first, last in pairwise(ends)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was accepted.

    Attributes:
        claims: by attribute: True when the video shows it, False when not, None where the script does not ask.
    """

    claims: dict[str, bool | None]

    @property
    def is_accepted(self) -> bool:
        """Whether everything that was asked is shown."""
        return all(claim is not False for claim in self.claims.values())


class Judge:
    """Looks at videos and compares them with scripts."""

    def __init__(self, *, maps: MapNetwork, cuts: CutNetwork, motions: MotionNetwork) -> None:
        """Put the networks together.

        Args:
            maps: sees colours, shapes and floors in a frame.
            cuts: sees where shots end.
            motions: sees what a thing does.
        """
        self.maps = maps.eval().to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.cuts = cuts.eval()
        self.motions = motions.eval()

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Judge:
        """Read the fitted judge.

        Args:
            path: safetensors written by `misora.evaluate.fit`.

        Returns:
            The judge.

        Raises:
            WeightsError: the file is missing or not whole.
        """
        tensors = load_tensors(path)
        parts = {"maps": MapNetwork(), "cuts": CutNetwork(), "motions": MotionNetwork()}
        for name, part in parts.items():
            own = {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
            part.load_state_dict({key: value.to(part.state_dict()[key].dtype) for key, value in own.items()})
        return cls(**parts)

    def tensors(self) -> dict[str, Shaped[Tensor, "..."]]:
        """All weights by name, the large ones in half precision, as `load` reads them."""
        return {
            f"{name}.{key}": value.contiguous().to(torch.float16) if value.ndim == 4 else value.contiguous()
            for name, part in (("maps", self.maps), ("cuts", self.cuts), ("motions", self.motions))
            for key, value in part.state_dict().items()
        }

    def observe(self, clip: Clip) -> Observation:
        """Look at a video without knowing what it should show.

        Args:
            clip: of any size and rate.

        Returns:
            Shots, floors and things.
        """
        frames = at_judged_size(clip.frames)
        maps = look(self.maps, frames)
        blobs = find_blobs(maps)
        cuts = find_cuts(self.cuts, change_features(frames, maps, blobs=blobs)) if len(frames) > 1 else ()
        times_seconds = (clip.pts_seconds - clip.pts_seconds[0]).numpy()
        return Observation(floor=maps.floor, blobs=blobs, times_seconds=times_seconds, cuts=cuts)

    def judge(self, clip: Clip, script: Script) -> Verdict:
        """Compare a video with a script.

        Args:
            clip: what is shown.
            script: what should be shown.

        Returns:
            A claim for each of `ATTRIBUTES`.
        """
        return self.compare(self.observe(clip), script)

    def compare(self, seen: Observation, script: Script) -> Verdict:
        """Compare what was seen with a script.

        Args:
            seen: the video.
            script: what should be shown.

        Returns:
            A claim for each of `ATTRIBUTES`.
        """
        scenes = seen.scenes(_cuts_for(seen, script))
        parts = [self._compare_shot(scene, shot) for scene, shot in zip(scenes, script.shots, strict=True)]
        claims: dict[str, bool | None] = {}
        for name in ATTRIBUTES:
            asked = [part[name] for part in parts if part.get(name) is not None]
            claims[name] = all(asked) if asked else None
        if len(script.shots) > 1:
            claims["cut_time"] = _are_cuts_in_time(seen, script)
        return Verdict(claims=claims)

    def _compare_shot(self, scene: Scene, shot: Shot) -> dict[str, bool | None]:
        assigned = assign(scene.tracks, shot.things)
        pairs = list(zip(assigned, shot.things, strict=True))
        is_coloured = [track is not None and COLOURS[track.colour] == thing.colour for track, thing in pairs]
        doings = [self._compare_beat(scene, assigned, beat) for beat in shot.beats]
        swaps = [swap and all(is_coloured) for _, swap in doings if swap is not None]  # who hits is told by colour
        return {
            "floor": FLOORS[scene.floor] == shot.floor,
            "colour": all(is_coloured),
            "shape": all(
                track is not None and SHAPES[int(track.shape.argmax())] == thing.shape for track, thing in pairs
            ),
            "count": len(scene.tracks) == len(shot.things),
            "motion": all(motion for motion, _ in doings),
            "swap": all(swaps) if swaps else None,
        }

    def _compare_beat(self, scene: Scene, assigned: tuple[Track | None, ...], beat: Beat) -> tuple[bool, bool | None]:
        """Whether the acting thing does what it should, and whether the right one hits the other."""
        logits = self.doing_logits(scene, assigned, beat)
        actor = logits[beat.thing]
        is_right = actor is not None and DOINGS[int(actor.argmax())] == doing_of(beat, beat.thing)
        if beat.target is None:
            return is_right, None
        target = logits[beat.target]
        if actor is None or target is None:
            return is_right, False
        as_told, swapped = _hitting(actor) + _struck(target), _hitting(target) + _struck(actor)
        return is_right, as_told > swapped

    def doing_logits(
        self, scene: Scene, assigned: tuple[Track | None, ...], beat: Beat
    ) -> tuple[Float[Tensor, " 10"] | None, ...]:
        """What each thing of a shot does during a beat, as log-probabilities; None for a thing that is not seen."""
        window = (beat.from_seconds, beat.to_seconds)
        results: list[Tensor | None] = []
        for index, track in enumerate(assigned):
            if track is None:
                results.append(None)
                continue
            others = [other for place, other in enumerate(assigned) if place != index and other is not None]
            row = features(track, others[0] if others else None, times_seconds=scene.times_seconds, window=window)
            with torch.inference_mode():
                results.append(self.motions(torch.from_numpy(row)[None])[0].log_softmax(0))
        return tuple(results)


def at_judged_size(frames: UInt8[Tensor, "f 3 H W"]) -> UInt8[Tensor, "f 3 h w"]:
    """Frames with a short side of `SHORT_SIDE_PX`.

    Args:
        frames: RGB, 0..255.

    Returns:
        The same frames when they have that size, else resized ones.
    """
    height, width = frames.shape[-2:]
    short = min(height, width)
    if short == SHORT_SIDE_PX:
        return frames
    size = (round(height * SHORT_SIDE_PX / short), round(width * SHORT_SIDE_PX / short))
    resized = torch.nn.functional.interpolate(frames.float(), size=size, mode="bilinear", antialias=True)
    return resized.round().clamp(0, 255).byte()


def assign(tracks: tuple[Track, ...], things: tuple[Thing, ...]) -> tuple[Track | None, ...]:
    """Which track is which thing: by colour first, then by shape, so that one wrong attribute leaves the others clear.

    Args:
        tracks: the things that are seen.
        things: the things that should be seen.

    Returns:
        A track for each thing, None for a thing without one.
    """
    choices: list[Track | None] = [*tracks[:4], *([None] * len(things))]

    def fit(chosen: tuple[Track | None, ...]) -> float:
        pairs = zip(chosen, things, strict=True)
        return sum((_likeness(track, thing) for track, thing in pairs if track is not None), 0.0)

    return max(permutations(choices, len(things)), key=fit)


def _likeness(track: Track, thing: Thing) -> float:
    is_same = COLOURS[track.colour] == thing.colour
    return 10.0 * is_same + float(np.exp(track.shape[SHAPES.index(thing.shape)])) + 0.1


def _hitting(logits: Tensor) -> float:
    return float(torch.logsumexp(torch.stack([logits[i] for i, d in enumerate(DOINGS) if d.startswith("collide")]), 0))


def _struck(logits: Tensor) -> float:
    return float(logits[DOINGS.index("struck")])


def _cuts_for(seen: Observation, script: Script) -> tuple[int, ...]:
    """The cuts as seen when there are as many as told, else where they were told: a wrong cut blames nothing else."""
    if len(seen.cuts) == len(script.shots) - 1:
        return seen.cuts
    told = (int(np.searchsorted(seen.times_seconds, shot.from_seconds - 1e-6)) for shot in script.shots[1:])
    last = len(seen.times_seconds) - 1
    return tuple(min(cut, last) for cut in told if cut)


def _are_cuts_in_time(seen: Observation, script: Script) -> bool:
    told = [shot.from_seconds for shot in script.shots[1:]]
    found = [float(seen.times_seconds[cut]) for cut in seen.cuts]
    if len(told) != len(found):
        return False
    return all(abs(a - b) <= CUT_TOLERANCE_SECONDS for a, b in zip(found, told, strict=True))
