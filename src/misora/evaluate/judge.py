"""The judge: does a video show what its script says? By pixels alone, attribute by attribute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from misora.core.folder import load_tensors
from misora.evaluate.cuts import CutNetwork, change_features, find_cuts
from misora.evaluate.motion import DOINGS, MotionNetwork, doing_of, features, nearest
from misora.evaluate.network import MapNetwork, at_judged_size
from misora.evaluate.observation import Observation, Scene, observed
from misora.evaluate.tracks import Track
from misora.evaluate.verdict import ATTRIBUTES, Verdict
from misora.evaluate.viewpoint import CameraNetwork, camera_features
from misora.video.clip import Clip
from misora.worlds.script import CAMERAS, COLOURS, FLOORS, SHAPES, Beat, Script, Shot, Thing

WEIGHTS = Path(__file__).parents[1] / "weights" / "judge" / "judge.safetensors"
LATENT_FRAMES = 4
"""A cut is in time when it is less than one latent frame, which stands for so many frames, away from where it was told."""
_MAX_TRACKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """What is said of one beat: whether it is shown, and where one thing hits another, who hits, and both colours."""

    kind: str
    is_shown: bool
    is_right_way: bool | None = None
    shows_both: bool | None = None


class Judge:
    """Looks at videos and compares them with scripts."""

    def __init__(self, *, maps: MapNetwork, cuts: CutNetwork, motions: MotionNetwork, cameras: CameraNetwork) -> None:
        """Put the networks together.

        Args:
            maps: sees colours, shapes and floors in a frame.
            cuts: sees where shots end.
            motions: sees what a thing does.
            cameras: sees what the camera does.
        """
        self.maps = maps.eval().to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.cuts = cuts.eval()
        self.motions = motions.eval()
        self.cameras = cameras.eval()

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The networks by the names under which their weights are stored."""
        return {"maps": self.maps, "cuts": self.cuts, "motions": self.motions, "cameras": self.cameras}

    @classmethod
    def blank(cls) -> Judge:
        """A judge that has learnt nothing."""
        return cls(maps=MapNetwork(), cuts=CutNetwork(), motions=MotionNetwork(), cameras=CameraNetwork())

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
        return cls.of(load_tensors(path))

    @classmethod
    def of(cls, tensors: Mapping[str, Shaped[Tensor, "..."]]) -> Judge:
        """Make a judge of its weights.

        Args:
            tensors: of `tensors`.

        Returns:
            The judge.
        """
        judge = cls.blank()
        for name, part in judge.parts.items():
            _fill(part, name, tensors)
        return judge

    @classmethod
    def with_maps(cls, path: Path = WEIGHTS) -> Judge:
        """Read the eyes alone, to begin a fit with; all else is blank.

        Args:
            path: as for `load`; also of an earlier judge, whose other parts were of another form.

        Returns:
            A judge that sees but does not understand.

        Raises:
            WeightsError: the file is missing or not whole.
        """
        judge = cls.blank()
        _fill(judge.maps, "maps", load_tensors(path))
        return judge

    def tensors(self) -> dict[str, Shaped[Tensor, "..."]]:
        """All weights by name, the large ones in half precision, as `load` reads them."""
        return {
            f"{name}.{key}": value.contiguous().to(torch.float16) if value.ndim == 4 else value.contiguous()
            for name, part in self.parts.items()
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
        times_seconds = (clip.pts_seconds - clip.pts_seconds[0]).numpy()
        seen, maps = observed(self.maps, frames, times_seconds=times_seconds)
        if len(frames) == 1:
            return seen
        return replace(seen, cuts=find_cuts(self.cuts, change_features(frames, maps, blobs=seen.blobs)))

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
        pairs = list(zip(scenes, script.shots, strict=True))
        deeds = [self._deeds(scene, shot) for scene, shot in pairs]
        parts = [self._compare_shot(scene, shot, of) for (scene, shot), of in zip(pairs, deeds, strict=True)]
        claims: dict[str, bool | None] = {}
        for name in ATTRIBUTES:
            asked = [part[name] for part in parts if part.get(name) is not None]
            claims[name] = all(asked) if asked else None
        if len(script.shots) > 1:
            claims["cut_time"] = _are_cuts_in_time(seen, script)
        return Verdict(claims=claims, beats=tuple((deed.kind, deed.is_shown) for of in deeds for deed in of))

    def _compare_shot(self, scene: Scene, shot: Shot, deeds: list[_Deed]) -> dict[str, bool | None]:
        assigned = assign(scene.tracks, shot.things)
        pairs = list(zip(assigned, shot.things, strict=True))
        is_coloured = [_has_colour(track, thing) for track, thing in pairs]
        # who hits is told by colour
        swaps = [deed.is_right_way and all(is_coloured) for deed in deeds if deed.is_right_way is not None]
        both = [deed.shows_both for deed in deeds if deed.shows_both is not None]
        return {
            "floor": FLOORS[scene.floor] == shot.floor,
            "colour": all(is_coloured),
            "shape": all(
                track is not None and SHAPES[int(track.shape.argmax())] == thing.shape for track, thing in pairs
            ),
            "count": len(scene.tracks) == len(shot.things),
            "motion": all(deed.is_shown for deed in deeds),
            "swap": all(swaps) if swaps else None,
            "camera": self.camera_of(scene) == shot.camera if len(scene.times_seconds) > 1 else None,
            "relation": None if shot.relation is None else _stands(assigned, shot.relation),
            "both_colours": all(both) if both else None,
        }

    def camera_of(self, scene: Scene) -> str:
        """Name what the camera does.

        Args:
            scene: one shot, of at least two frames.

        Returns:
            One of the playroom's cameras.
        """
        row = camera_features(scene.ground, times_seconds=scene.times_seconds)
        with torch.inference_mode():
            return CAMERAS[int(self.cameras(torch.from_numpy(row)[None])[0].argmax())]

    def _deeds(self, scene: Scene, shot: Shot) -> list[_Deed]:
        assigned = assign(scene.tracks, shot.things)
        return [self._deed(scene, assigned, shot, beat) for beat in shot.beats]

    def _deed(self, scene: Scene, assigned: tuple[Track | None, ...], shot: Shot, beat: Beat) -> _Deed:
        """Whether the acting thing does what it should, and whether the right one hits the other."""
        logits = self.doing_logits(scene, assigned, beat)
        actor = logits[beat.thing]
        is_shown = actor is not None and DOINGS[int(actor.argmax())] == doing_of(beat, beat.thing)
        if beat.target is None:
            return _Deed(kind=beat.kind, is_shown=is_shown)
        meeting = [(assigned[index], shot.things[index]) for index in (beat.thing, beat.target)]
        target = logits[beat.target]
        is_right_way = False
        if actor is not None and target is not None:
            is_right_way = _hitting(actor) + _struck(target) > _hitting(target) + _struck(actor)
        shows_both = all(_has_colour(track, thing) for track, thing in meeting)
        return _Deed(kind=beat.kind, is_shown=is_shown, is_right_way=is_right_way, shows_both=shows_both)

    def doing_logits(
        self, scene: Scene, assigned: tuple[Track | None, ...], beat: Beat
    ) -> tuple[Float[Tensor, " d"] | None, ...]:
        """What each thing of a shot does during a beat, as log-probabilities; None for a thing that is not seen."""
        rows = beat_rows(scene, assigned, beat)
        with torch.inference_mode():
            return tuple(
                None if row is None else self.motions(torch.from_numpy(row)[None])[0].log_softmax(0) for row in rows
            )


def _fill(part: nn.Module, name: str, tensors: Mapping[str, Tensor]) -> None:
    own = {key.removeprefix(f"{name}."): value for key, value in tensors.items() if key.startswith(f"{name}.")}
    part.load_state_dict({key: value.to(part.state_dict()[key].dtype) for key, value in own.items()})


def beat_rows(
    scene: Scene, assigned: tuple[Track | None, ...], beat: Beat
) -> tuple[Float[np.ndarray, " v"] | None, ...]:
    """The features of each thing of a shot during a beat.

    Args:
        scene: the shot as it is seen.
        assigned: the tracks of its things.
        beat: when to look.

    Returns:
        Of `features`, None for a thing that is not seen.
    """
    window = (beat.from_seconds, beat.to_seconds)
    rows = []
    for index, track in enumerate(assigned):
        others = [other for place, other in enumerate(assigned) if place != index and other is not None]
        rows.append(
            None
            if track is None
            else features(track, nearest(track, others), times_seconds=scene.times_seconds, window=window)
        )
    return tuple(rows)


def assign(tracks: tuple[Track, ...], things: tuple[Thing, ...]) -> tuple[Track | None, ...]:
    """Which track is which thing: by colour first, then by shape, so that one wrong attribute leaves the others clear.

    Args:
        tracks: the things that are seen.
        things: the things that should be seen.

    Returns:
        A track for each thing, None for a thing without one.
    """
    choices: list[Track | None] = [*tracks[:_MAX_TRACKS], *([None] * len(things))]

    def fit(chosen: tuple[Track | None, ...]) -> float:
        pairs = zip(chosen, things, strict=True)
        return sum((_likeness(track, thing) for track, thing in pairs if track is not None), 0.0)

    return max(permutations(choices, len(things)), key=fit)


def _likeness(track: Track, thing: Thing) -> float:
    return 10.0 * _has_colour(track, thing) + float(np.exp(track.shape[SHAPES.index(thing.shape)])) + 0.1


def _has_colour(track: Track | None, thing: Thing) -> bool:
    return track is not None and COLOURS[track.colour] == thing.colour


def _hitting(logits: Tensor) -> float:
    return float(torch.logsumexp(torch.stack([logits[i] for i, d in enumerate(DOINGS) if d.startswith("collide")]), 0))


def _struck(logits: Tensor) -> float:
    return float(logits[DOINGS.index("struck")])


def _stands(assigned: tuple[Track | None, ...], relation: str) -> bool:
    """Whether the first thing stands so with respect to the second: nearer is where its foot comes lower in the picture."""
    first, second = assigned[:2]
    if first is None or second is None:
        return False
    across = float(np.median(first.centre[:, 0] - second.centre[:, 0]))
    nearer = _foot(first) - _foot(second)
    return {"left_of": across < 0, "right_of": across > 0, "in_front_of": nearer > 0, "behind": nearer < 0}[relation]


def _foot(track: Track) -> float:
    """How far down its lower edge comes while it is seen, in frame heights."""
    return float(np.quantile(track.centre[:, 1] + track.extent[:, 1] / 2, 0.9))


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
    latent_frame_seconds = LATENT_FRAMES / script.fps
    return all(abs(a - b) < latent_frame_seconds - 1e-6 for a, b in zip(found, told, strict=True))
