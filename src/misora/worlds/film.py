"""Film scripts: stage, simulate, check against the script, render."""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Float64, UInt8
from torch import Tensor

from misora.core.errors import MisoraError
from misora.video.clip import Clip
from misora.worlds.agree import disagreements
from misora.worlds.camera import CameraPath
from misora.worlds.marks import MAX_MARKS, draw_marks
from misora.worlds.renderer import mujoco, renderer_name
from misora.worlds.scene import Scene
from misora.worlds.script import MAX_THINGS, Script
from misora.worlds.simulate import Contact, Run, simulate
from misora.worlds.stage import Staging, stage
from misora.worlds.truth import Truth

_OVERSAMPLING = 2
_MAX_ATTEMPTS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A filmed script.

    Attributes:
        clip: the pixels.
        truth: what happened.
        script: what was told.
    """

    clip: Clip
    truth: Truth
    script: Script


@dataclass(frozen=True, slots=True, kw_only=True)
class _Footage:
    """One shot, filmed."""

    frames: UInt8[np.ndarray, "f H W 3"]
    segmentation: UInt8[np.ndarray, "f H W"] | None
    depth_m: Float64[np.ndarray, "f H W"] | None
    run: Run
    camera: CameraPath


class Filmer:
    """One model and one renderer, used for any number of scripts; leaves nothing behind between them."""

    def __init__(self) -> None:
        self._scene = Scene()
        self._side_px = 0
        self._screen: mujoco.GLContext | None = None
        self._context: mujoco.MjrContext | None = None
        self._free: weakref.finalize | None = None
        self._drawing = mujoco.MjvScene(self._scene.model, maxgeom=MAX_MARKS + 64)
        self._drawing.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
        self._option = mujoco.MjvOption()
        self._camera = mujoco.MjvCamera()
        self.renderer = "none"

    def __enter__(self) -> Filmer:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the renderer back."""
        if self._free is not None:
            self._free()
        self._free = self._context = self._screen = None
        self._side_px = 0

    def film(self, script: Script, *, maps: bool = False) -> Take:
        """Film a script; the same script gives the same bits on the same platform.

        Args:
            script: what happens.
            maps: whether to add segmentation and depth to the truth.

        Returns:
            Pixels, truth and script.

        Raises:
            MisoraError: if no staging was found that a viewer would agree with.
        """
        self._open(_OVERSAMPLING * max(script.width_px, script.height_px))
        shots = [self._film_shot(script, index, maps=maps) for index in range(len(script.shots))]
        frames = torch.from_numpy(np.concatenate([each.frames for each in shots])).movedim(-1, 1).contiguous()
        return Take(
            clip=Clip.at_rate(frames, float(script.fps)),
            truth=_truth(script, shots, renderer=self.renderer),
            script=script,
        )

    def _open(self, side_px: int) -> None:
        if self._screen is not None and side_px <= self._side_px:
            self._screen.make_current()  # another filmer may have drawn since
            return
        self.close()
        self._scene.model.vis.global_.offwidth = self._scene.model.vis.global_.offheight = side_px
        screen = mujoco.GLContext(side_px, side_px)
        screen.make_current()
        self._screen = screen
        self._context = context = mujoco.MjrContext(self._scene.model, mujoco.mjtFontScale.mjFONTSCALE_100)
        self._free = weakref.finalize(self, _free, screen, context)
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, context)
        self._side_px = side_px
        self.renderer = renderer_name()

    def _film_shot(self, script: Script, index: int, *, maps: bool) -> _Footage:
        staging, run = find_staging(self._scene, script, index)
        size = (_OVERSAMPLING * script.height_px, _OVERSAMPLING * script.width_px)
        images, labels, depths = [], [], []
        for frame, state in enumerate(run.states):
            self._aim(state, staging.camera, frame)
            num_solid = self._drawing.ngeom
            draw_marks(self._drawing, script.shots[index], staging, states=run.states[: frame + 1], rgb=self._scene.rgb)
            images.append(_shrink(self._draw(size)))
            if maps:
                depths.append(_mean_depth(self._read_depth(size), self._scene.model))
                self._drawing.ngeom = num_solid  # marks belong to nobody
                labels.append(self._label(size))
        return _Footage(
            frames=np.stack(images),
            segmentation=np.stack(labels) if maps else None,
            depth_m=np.stack(depths) if maps else None,
            run=run,
            camera=staging.camera,
        )

    def _aim(self, state: Float64[np.ndarray, "k 13"], camera: CameraPath, frame: int) -> None:
        model, data = self._scene.model, self._scene.data
        for k, row in enumerate(state):
            data.qpos[7 * k : 7 * k + 7] = row[:7]
        mujoco.mj_kinematics(model, data)
        mujoco.mj_camlight(model, data)
        model.vis.global_.fovy = float(2 * np.degrees(np.arctan(camera.tan_half_height)))
        self._camera.lookat[:] = camera.look_at_m[frame]
        self._camera.azimuth = camera.azimuth_degrees[frame]
        self._camera.elevation = -camera.elevation_degrees[frame]
        self._camera.distance = camera.distance_m[frame]
        everything = mujoco.mjtCatBit.mjCAT_ALL
        mujoco.mjv_updateScene(model, data, self._option, None, self._camera, everything, self._drawing)

    def _draw(self, size: tuple[int, int]) -> UInt8[np.ndarray, "H W 3"]:
        image = np.empty((*size, 3), dtype=np.uint8)
        view = mujoco.MjrRect(0, 0, size[1], size[0])
        mujoco.mjr_render(view, self._drawing, self._context)
        mujoco.mjr_readPixels(image, None, view, self._context)
        return image[::-1]

    def _read_depth(self, size: tuple[int, int]) -> Float32[np.ndarray, "H W"]:
        depth = np.empty(size, dtype=np.float32)
        mujoco.mjr_readPixels(None, depth, mujoco.MjrRect(0, 0, size[1], size[0]), self._context)
        return depth[::-1]

    def _label(self, size: tuple[int, int]) -> UInt8[np.ndarray, "h w"]:
        flags = self._drawing.flags
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 1
        image = self._draw(size)
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = 0
        owner = np.zeros(self._drawing.ngeom + 1, dtype=np.uint8)
        for drawn in self._drawing.geoms[: self._drawing.ngeom]:
            for k in range(MAX_THINGS):
                if drawn.objtype == mujoco.mjtObj.mjOBJ_GEOM and drawn.objid == self._scene.model.geom(f"thing{k}").id:
                    owner[drawn.segid + 1] = k + 1
        labels = owner[image[..., 0].astype(np.int32) + image[..., 1].astype(np.int32) * 256]
        return _majority(labels)


def _free(screen: mujoco.GLContext, context: mujoco.MjrContext) -> None:
    """Also called at exit, while OpenGL can still be asked to let go."""
    screen.make_current()
    context.free()
    screen.free()


def film(script: Script) -> Take:
    """Film one script with a filmer of its own.

    Args:
        script: what happens.

    Returns:
        Pixels, truth and script.
    """
    with Filmer() as filmer:
        return filmer.film(script)


def find_staging(scene: Scene, script: Script, index: int) -> tuple[Staging, Run]:
    """Draw stagings until physics does what the script says.

    Args:
        scene: the model to try them in.
        script: what happens.
        index: which shot.

    Returns:
        The first staging without disagreement, and its run.

    Raises:
        MisoraError: if none was found.
    """
    found: list[str] = []
    for attempt in range(_MAX_ATTEMPTS):
        staging = stage(script, index, attempt=attempt)
        run = simulate(scene, script, index, staging=staging)
        found = disagreements(script, index, staging=staging, run=run)
        if not found:
            return staging, run
    raise MisoraError(
        f"cannot stage shot {index} of seed {script.seed} in {_MAX_ATTEMPTS} tries ({'; '.join(found)}); "
        "draw another seed"
    )


def _blocks(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[0] // _OVERSAMPLING, image.shape[1] // _OVERSAMPLING
    return image.reshape(height, _OVERSAMPLING, width, _OVERSAMPLING, *image.shape[2:])


def _shrink(image: UInt8[np.ndarray, "H W 3"]) -> UInt8[np.ndarray, "h w 3"]:
    """Average blocks of pixels: the same edge as multisampling, in less time."""
    wide = image.astype(np.uint16)
    total = wide[0::2, 0::2] + wide[0::2, 1::2] + wide[1::2, 0::2] + wide[1::2, 1::2]
    return ((total + 2) >> 2).astype(np.uint8)


def _majority(labels: UInt8[np.ndarray, "H W"]) -> UInt8[np.ndarray, "h w"]:
    counts = [_blocks((labels == k).astype(np.int32)).sum(axis=(1, 3)) for k in range(MAX_THINGS + 1)]
    counts[0] = counts[0] - 1
    return np.argmax(counts, axis=0).astype(np.uint8)


def _mean_depth(depth: Float32[np.ndarray, "H W"], model: mujoco.MjModel) -> Float64[np.ndarray, "h w"]:
    near = model.vis.map.znear * model.stat.extent
    far = model.vis.map.zfar * model.stat.extent
    metres = near / (1 - depth.astype(np.float64) * (1 - near / far))
    return _blocks(metres).mean(axis=(1, 3))


def _truth(script: Script, shots: list[_Footage], *, renderer: str) -> Truth:
    num_things = max(each.run.states.shape[1] for each in shots)
    states = [_widen(each.run.states, num_things) for each in shots]
    seen = np.concatenate([each.camera.project(s[:, :, :3]) for each, s in zip(shots, states, strict=True)])
    both = np.concatenate(states)
    in_picture = (seen[..., :2] >= 0).all(-1) & (seen[..., 0] < script.width_px) & (seen[..., 1] < script.height_px)
    contacts: list[Contact] = [contact for each in shots for contact in each.run.contacts]
    rows = [[c.seconds, c.first, c.second, c.closing_speed] for c in contacts]
    focal = np.concatenate(
        [np.full(len(s), script.height_px / 2 / e.camera.tan_half_height) for e, s in zip(shots, states, strict=True)]
    )
    return Truth(
        positions_m=_tensor(both[..., :3]),
        quaternions=_tensor(both[..., 3:7]),
        velocities=_tensor(both[..., 7:10]),
        angular_velocities=_tensor(both[..., 10:]),
        centres_px=_tensor(seen[..., :2]),
        depths_m=_tensor(seen[..., 2]),
        visible=torch.from_numpy(in_picture),
        camera_positions_m=_tensor(np.concatenate([each.camera.positions_m() for each in shots])),
        camera_axes=_tensor(np.concatenate([each.camera.rotations() for each in shots])),
        focal_px=_tensor(focal),
        shots=torch.tensor([i for i, s in enumerate(states) for _ in s], dtype=torch.int32),
        contacts=torch.tensor(rows, dtype=torch.float32).reshape(-1, 4),
        segmentation=_map([each.segmentation for each in shots]),
        depth_m=_map([each.depth_m for each in shots]),
        renderer=renderer,
    )


def _widen(states: Float64[np.ndarray, "f k 13"], num_things: int) -> Float64[np.ndarray, "f n 13"]:
    missing = num_things - states.shape[1]
    return np.pad(states, ((0, 0), (0, missing), (0, 0)), constant_values=np.nan)


def _tensor(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


def _map(parts: list[np.ndarray] | list[np.ndarray | None]) -> Tensor | None:
    known = [part for part in parts if part is not None]
    if not known:
        return None
    joined = np.concatenate(known)
    return torch.from_numpy(joined if joined.dtype == np.uint8 else joined.astype(np.float32))
