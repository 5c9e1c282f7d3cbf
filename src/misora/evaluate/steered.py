"""What follows a camera word, the path of a camera, the track of a thing: named and measured from pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float

from misora.core.seeds import derive
from misora.evaluate.cases import Case, film_cases, made_clips
from misora.evaluate.judge import Judge, assign
from misora.evaluate.observation import Scene
from misora.evaluate.part import NOT_TAUGHT, ControlSettings, Part, middle
from misora.evaluate.prompts import grammar_of
from misora.evaluate.report import score, shuffled
from misora.generate.camera import directed
from misora.generate.canvas import Canvas, Control
from misora.generate.studio import Studio
from misora.model.bundle import Model
from misora.video.clip import Clip
from misora.worlds.draw import can_film
from misora.worlds.script import Script
from misora.worlds.truth import Truth
from misora.worlds.words import captions

_AHEAD = 2
_CORNERS = np.array([[-0.5, -0.5, 1], [0.5, -0.5, 1], [-0.5, 0.5, 1], [0.5, 0.5, 1]])
"""Points of the ground whose way is compared, in frame heights from the middle."""
_LEAST_WAY = 0.1
"""In frame heights: what moves less has no direction."""


def camera_words(model: Model, judge: Judge, settings: ControlSettings) -> Part:
    """Ask for each camera word that the model's grammar knows in turn, and let the judge name what the camera does.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how.

    Returns:
        Right names in all, by word, in filmed truth, and by chance.
    """
    grammar = grammar_of(model)
    words = tuple(camera for camera, share in grammar.cameras if share > 0)

    def taken(index: int, script: Script) -> Script | None:
        return _with_camera(script, words[index % len(words)])

    cases = film_cases(settings.wanted("camera words", taken=taken), model.limits, grammar)
    asked = [case.script.shots[0].camera for case in cases]
    canvases = [
        directed(_canvas(model, case, settings, "camera words", index), camera=word)
        for index, (case, word) in enumerate(zip(cases, asked, strict=True))
    ]
    named = [_camera(judge, clip) for clip in made_clips(model, canvases, steps=settings.steps)]
    scores = {"named right": score([one == other for one, other in zip(named, asked, strict=True)])}
    for word in words:
        own = [name == word for name, other in zip(named, asked, strict=True) if other == word]
        scores[f"named right, {word.replace('_', ' ')}"] = score(own)
    true = [_camera(judge, case.clip) == word for case, word in zip(cases, asked, strict=True)]
    scores["named right, truth"] = score(true)
    if len(cases) > 1:
        partners = shuffled(len(cases), seed=derive("camera words", settings.seed))
        scores["named right, chance"] = score([named[i] == asked[j] for i, j in enumerate(partners)])
    return Part(scores=scores)


def camera_path(model: Model, judge: Judge, settings: ControlSettings) -> Part:
    """Give the path of a filmed camera, and compare how the ground moves with how it moves in the film.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how.

    Returns:
        Directions that are right, and the distance of four points of the ground from where they lie in the film, the mean over
        frames; beside it the distance had the camera stood still. Nothing where the model was not taught paths.
    """
    if "camera" not in model.limits.taught:
        return NOT_TAUGHT
    grammar = grammar_of(model)
    moving = [camera for camera, share in grammar.cameras if share > 0 and camera != "still"]

    def taken(index: int, script: Script) -> Script | None:
        return _with_camera(script, moving[index % len(moving)])

    cases = film_cases(settings.wanted("camera path", taken=taken), model.limits, grammar)
    canvases = [
        replace(_canvas(model, case, settings, "camera path", index), controls=(_path(case.truth, case.clip.fps),))
        for index, case in enumerate(cases)
    ]
    made = made_clips(model, canvases, steps=settings.steps)
    ways = [(_ground_way(judge, clip), _ground_way(judge, case.clip)) for clip, case in zip(made, cases, strict=True)]
    return _followed([way for way, _ in ways], [way for _, way in ways], without="still")


def object_track(model: Model, judge: Judge, settings: ControlSettings) -> Part:
    """Give the track of a filmed thing that moves, and compare where the made one is seen.

    Args:
        model: that makes the videos.
        judge: that looks at them.
        settings: how many, and how.

    Returns:
        Directions that are right, and the distance from the track in frame heights, the mean over frames; beside it the
        distance of the same videos without the track. Nothing where the model was not taught tracks.
    """
    if "track" not in model.limits.taught:
        return NOT_TAUGHT
    cases = film_cases(settings.wanted("object track", taken=_travelling), model.limits, grammar_of(model))
    plain = [_canvas(model, case, settings, "object track", index) for index, case in enumerate(cases)]
    tracks = [_track(case) for case in cases]
    told = [replace(canvas, controls=(track,)) for canvas, track in zip(plain, tracks, strict=True)]
    asked = [_as_places(track, case) for track, case in zip(tracks, cases, strict=True)]

    def seen(canvases: list[Canvas]) -> list[Float[np.ndarray, "f 2"]]:
        made = made_clips(model, canvases, steps=settings.steps)
        return [_seen_way(judge, clip, case.script) for clip, case in zip(made, cases, strict=True)]

    found = _followed(seen(told), asked, without=None)
    unsteered = _followed(seen(plain), asked, without=None)
    return replace(
        found,
        scores={**found.scores, "direction right, without": unsteered.scores["direction right"]},
        values={**found.values, "path error without, heights": unsteered.values["path error, heights"]},
    )


def _followed(
    made: list[Float[np.ndarray, "f k"]], asked: list[Float[np.ndarray, "f k"]], *, without: str | None
) -> Part:
    """Compare ways, rows of points (x, y) from frame to frame: their mean distance, and whether they lead the same way."""
    errors = [_distance(one, other) for one, other in zip(made, asked, strict=True)]
    values = {"path error, heights": middle(errors)}
    if without is not None:
        values[f"path error {without}, heights"] = middle([_distance(np.zeros_like(way), way) for way in asked])
    right = [_is_same_way(one, other) for one, other in zip(made, asked, strict=True)]
    return Part(scores={"direction right": score(right)}, values=values)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    num = min(len(one), len(other))
    apart = (one[:num] - other[:num]).reshape(num, -1, 2)
    far = np.linalg.norm(apart, axis=2)
    return float(np.nanmean(far)) if np.isfinite(far).any() else float("nan")


def _is_same_way(made: np.ndarray, asked: np.ndarray) -> bool | None:
    """Whether both lead the same way; None where nothing far is asked; a thing that is not seen goes nowhere."""
    one, other = (way[-1] - way[0] for way in (_whole(made), _whole(asked)))
    if np.linalg.norm(other) < _LEAST_WAY:
        return None
    return bool(one @ other > 0)


def _whole(way: np.ndarray) -> np.ndarray:
    """The frames in which it is seen; one at rest where there are none."""
    seen = way[np.isfinite(way).all(1)]
    return seen if len(seen) else np.zeros((1, way.shape[1]))


def _scene(judge: Judge, clip: Clip) -> Scene:
    [scene] = judge.observe(clip).scenes(())
    return scene


def _camera(judge: Judge, clip: Clip) -> str:
    return judge.camera_of(_scene(judge, clip))


def _ground_way(judge: Judge, clip: Clip) -> Float[np.ndarray, "f 8"]:
    """How far four points of the ground have moved in the picture since the first frame."""
    ground = _scene(judge, clip).ground.double().numpy()
    return (np.einsum("fij,kj->fki", ground, _CORNERS) - _CORNERS[:, :2]).reshape(len(ground), -1)


def _seen_way(judge: Judge, clip: Clip, script: Script) -> Float[np.ndarray, "f 2"]:
    """Where the acting thing is seen, in frame heights from the middle; NaN where it is not."""
    [shot] = script.shots
    track = assign(_scene(judge, clip).tracks, shot.things)[shot.beats[0].thing]
    if track is None:
        return np.full((clip.num_frames, 2), np.nan)
    return np.where(track.is_seen[:, None], track.centre, np.nan)


def _with_camera(script: Script, camera: str) -> Script | None:
    [shot] = script.shots
    return replace(script, shots=(replace(shot, camera=camera),)) if can_film(shot, camera) else None


def _travelling(_: int, script: Script) -> Script | None:
    [shot] = script.shots
    return _with_camera(script, "still") if shot.beats[0].direction is not None else None


def _canvas(model: Model, case: Case, settings: ControlSettings, part: str, index: int) -> Canvas:
    [line] = captions(case.script, register="tags", seed=derive("control suite words", part, settings.seed, index))
    size = (case.script.width_px, case.script.height_px)
    asked = settings.asked(part, index, seconds=case.script.seconds, fps=case.clip.fps, size=size)
    return Studio(model).canvas(line.text, **asked)


def _path(truth: Truth, fps: float) -> Control:
    """The way of a filmed camera: where it stands, and a point that it looks at."""
    places = truth.camera_positions_m
    rows = torch.cat((places, places + truth.camera_axes[:, _AHEAD]), 1).tolist()
    return Control(kind="camera", times_seconds=_times(len(rows), fps), values=tuple(map(tuple, rows)))


def _track(case: Case) -> Control:
    """Where the acting thing of a film is seen, as shares of the picture."""
    thing = case.script.shots[0].beats[0].thing
    size = torch.tensor([case.script.width_px, case.script.height_px])
    rows = (case.truth.centres_px[:, thing] / size).tolist()
    return Control(kind="track", times_seconds=_times(len(rows), case.clip.fps), values=tuple(map(tuple, rows)))


def _as_places(track: Control, case: Case) -> Float[np.ndarray, "f 2"]:
    """A track in frame heights from the middle; NaN outside of the picture."""
    shares = np.asarray(track.values)
    inside = ((shares >= 0) & (shares <= 1)).all(1, keepdims=True)
    aspect = case.script.width_px / case.script.height_px
    return np.where(inside, (shares - 0.5) * [aspect, 1.0], np.nan)


def _times(num: int, fps: float) -> tuple[float, ...]:
    return tuple(frame / fps for frame in range(num))
