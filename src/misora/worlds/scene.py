"""One MuJoCo model for every script: three bodies, four floors, one sun, changed in place and never rebuilt."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Float64

from misora.core.seeds import numpy_rng
from misora.worlds.geometry import MASS_KG
from misora.worlds.layout import Push
from misora.worlds.look import FLOOR_TILE_M, LIGHT, PATCH_SIDE, RGB, TEXTURE_SIDE, floor_texture, patches
from misora.worlds.pendulum import GRAVITY
from misora.worlds.renderer import mujoco
from misora.worlds.script import COLOURS, FLOORS, MAX_THINGS, Shot
from misora.worlds.stage import Staging

_SHOWN, _HIDDEN = 0, 4
_GEOM_TYPE = {
    "ball": mujoco.mjtGeom.mjGEOM_SPHERE,
    "box": mujoco.mjtGeom.mjGEOM_BOX,
    "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
    "capsule": mujoco.mjtGeom.mjGEOM_CAPSULE,
    "egg": mujoco.mjtGeom.mjGEOM_ELLIPSOID,
}
_CONTACT_SECONDS = 0.03
_SOFT_LANDING = (0.02, 1.0)
_HIT_RESTITUTION = 0.75
_STILL_DRAG_SECONDS = 0.25
_GRIP, _GLIDE = 0.9, 0.01
_SOLID = [0.98, 0.99, 0.001, 0.5, 2]
_MEETINGS = tuple(combinations(range(MAX_THINGS), 2))
# strength of the highlight: dull and satin for matte, glossy, patches
_DULL, _SATIN, _GLOSSY = (0.08, 0.2), (0.45, 0.6), (1.0, 0.7)


def _xml() -> str:
    floors = "".join(
        f'<texture name="{floor}" type="2d" builtin="flat" width="{TEXTURE_SIDE}" height="{TEXTURE_SIDE}"/>'
        f'<material name="{floor}" texture="{floor}" texuniform="true" specular="0" '
        f'texrepeat="{1 / FLOOR_TILE_M} {1 / FLOOR_TILE_M}"/>'
        for floor in FLOORS
    )
    planes = "".join(
        f'<body name="{floor}"><geom name="{floor}" type="plane" size="0 0 1" material="{floor}" group="{_HIDDEN}"/></body>'
        for floor in FLOORS
    )
    things = "".join(
        f'<body name="thing{k}" pos="0 0 9"><freejoint/><geom name="thing{k}" size="1" material="thing{k}"/></body>'
        for k in range(MAX_THINGS)
    )
    materials = "".join(f'<material name="thing{k}" rgba="1 1 1 1"/>' for k in range(MAX_THINGS))
    materials += "".join(
        f'<texture name="{colour}" type="cube" builtin="flat" width="{PATCH_SIDE}" height="{6 * PATCH_SIDE}"/>'
        f'<material name="{colour}" texture="{colour}" specular="{_DULL[0]}" shininess="{_DULL[1]}"/>'
        for colour in (f"{colour} patches" for colour in COLOURS)
    )
    pairs = "".join(f'<pair geom1="ground" geom2="thing{k}" condim="3"/>' for k in range(MAX_THINGS))
    pairs += "".join(f'<pair geom1="thing{a}" geom2="thing{b}" condim="3"/>' for a, b in _MEETINGS)
    return f"""
    <mujoco>
      <compiler autolimits="true"/>
      <option gravity="0 0 -{GRAVITY}" integrator="implicitfast" cone="elliptic"/>
      <statistic extent="6" center="0 0 0"/>
      <visual>
        <quality shadowsize="512" offsamples="0"/>
        <map znear="0.1" zfar="20" shadowclip="1.3"/>
        <global offwidth="1024" offheight="1024"/>
      </visual>
      <default><geom contype="0" conaffinity="0"/></default>
      <asset>{floors}{materials}</asset>
      <worldbody>
        <light name="sun" type="directional" castshadow="true" pos="0 0 6" dir="0 0 -1" ambient="0 0 0"/>
        <geom name="ground" type="plane" size="0 0 1" group="{_HIDDEN}"/>
        {planes}{things}
      </worldbody>
      <contact>{pairs}</contact>
    </mujoco>"""


def elastic(restitution: float) -> tuple[float, float]:
    """Give MuJoCo's direct contact parameters for a bounce.

    The contact is a damped spring; half of its period is the time in touch.

    Args:
        restitution: speed after over speed before, in (0, 1); 0 gives a soft landing.

    Returns:
        `solref`: negative stiffness and damping per unit of mass, or time constant and damping ratio.

    Source: free oscillation of m x'' + b x' + k x = 0 over half a period.
    """
    if restitution <= 0:
        return _SOFT_LANDING
    ratio = -math.log(restitution) / math.hypot(math.pi, math.log(restitution))
    frequency = math.pi / (_CONTACT_SECONDS * math.sqrt(1 - ratio**2))
    return -(frequency**2), -2 * ratio * frequency


def _shine(shot: Shot) -> float:
    """Share of the sun in highlights; where a thing is glossy all of it, and then the others shine less in turn."""
    return 1.0 if any(thing.material == "glossy" for thing in shot.things) else 0.6


class Scene:
    """The model and its state, set up for one shot at a time.

    Attributes:
        model: MuJoCo's model.
        data: MuJoCo's state.
        rgb: colours of the things of this shot, with their jitter.
    """

    model: Any
    data: Any
    rgb: Float64[np.ndarray, "k 3"]

    def __init__(self) -> None:
        self.model = mujoco.MjModel.from_xml_string(_xml())
        self.data = mujoco.MjData(self.model)
        self._paint()
        self._geoms = [self.model.geom(f"thing{k}").id for k in range(MAX_THINGS)]
        self._bodies = [self.model.body(f"thing{k}").id for k in range(MAX_THINGS)]
        self._num_things = 0
        self.rgb = np.ones((MAX_THINGS, 3))

    def _paint(self) -> None:
        pictures = {floor: floor_texture(floor) for floor in FLOORS}
        pictures |= {f"{colour} patches": patches(colour) for colour in COLOURS}
        for name, picture in pictures.items():
            start = self.model.tex_adr[self.model.texture(name).id]
            self.model.tex_data[start : start + picture.size] = picture.reshape(-1)

    def set_up(self, shot: Shot, staging: Staging, *, seed: int, shot_index: int, step_seconds: float) -> None:
        """Put the things of a shot in their places; nothing of an earlier shot remains.

        Args:
            shot: floor, light and things.
            staging: places and sizes.
            seed: of the script; draws the jitter of light and floor.
            shot_index: of the shot in its script.
            step_seconds: of the physics.
        """
        self._num_things = len(shot.things)
        self.model.opt.timestep = step_seconds
        mujoco.mj_resetData(self.model, self.data)
        self._light(shot, numpy_rng(seed, "light", shot_index))
        self._lay_floor(shot, numpy_rng(seed, "floor", shot_index))
        for k in range(MAX_THINGS):
            if k < self._num_things:
                self._shape(k, shot, staging)
                self._colour(k, shot, numpy_rng(seed, "colour", shot_index, k))
            self._place(k, staging)
        mujoco.mj_setConst(self.model, self.data)
        mujoco.mj_resetData(self.model, self.data)
        for k in range(MAX_THINGS):
            self._place(k, staging)
        mujoco.mj_forward(self.model, self.data)

    def _light(self, shot: Shot, rng: np.random.Generator) -> None:
        light = LIGHT[shot.light]
        brightness = rng.uniform(0.94, 1.06)
        self.model.light_diffuse[0] = np.array(light.sun) * brightness
        self.model.light_specular[0] = np.array(light.sun) * _shine(shot)
        self.model.vis.headlight.ambient[:] = np.array(light.fill) * brightness
        self.model.vis.headlight.diffuse[:] = np.array(light.fill) * brightness * 0.25
        self.model.vis.headlight.specular[:] = 0
        heading = rng.choice((-1.0, 1.0)) * rng.uniform(0.35, 1.1)
        slope = math.radians(rng.uniform(*light.slope_degrees))
        direction = [math.sin(heading) * math.cos(slope), math.cos(heading) * math.cos(slope), -math.sin(slope)]
        self.model.light_dir[0] = direction
        self.model.light_pos[0] = -6.0 * np.array(direction)

    def _lay_floor(self, shot: Shot, rng: np.random.Generator) -> None:
        yaw = rng.uniform(0, math.pi / 2) if shot.floor != "wooden" else rng.uniform(-0.6, 0.6)
        offset = rng.uniform(-FLOOR_TILE_M / 2, FLOOR_TILE_M / 2, size=2)
        shade = rng.uniform(0.94, 1.06)
        for floor in FLOORS:
            geom, body = self.model.geom(floor).id, self.model.body(floor).id
            self.model.geom_group[geom] = _SHOWN if floor == shot.floor else _HIDDEN
            self.model.body_quat[body] = [math.cos(yaw / 2), 0, 0, math.sin(yaw / 2)]
            self.model.body_pos[body] = [*offset, 0.0]
            self.model.mat_rgba[self.model.material(floor).id, :3] = min(shade, 1.0) if floor == shot.floor else 1.0

    def _shape(self, k: int, shot: Shot, staging: Staging) -> None:
        body = staging.bodies[k]
        geom = self._geoms[k]
        self.model.geom_type[geom] = int(_GEOM_TYPE[shot.things[k].shape])
        self.model.geom_size[geom] = body.half_m
        self.model.geom_aabb[geom] = [0, 0, 0, *body.reach_m]
        self.model.geom_rbound[geom] = float(np.linalg.norm(body.reach_m))
        self.model.body_mass[self._bodies[k]] = MASS_KG
        self.model.body_inertia[self._bodies[k]] = body.inertia
        self._rub(k, _GRIP if body.roll_radius_m else _GLIDE)
        self.model.pair_solimp[k] = _SOLID
        for pair in range(MAX_THINGS, MAX_THINGS + len(_MEETINGS)):
            self.model.pair_solimp[pair] = _SOLID
            self.model.pair_friction[pair] = [0.1, 0.1, 0.005, 0.0001, 0.0001]
            self.model.pair_solref[pair] = elastic(_HIT_RESTITUTION)

    def _rub(self, k: int, friction: float) -> None:
        self.model.pair_friction[k] = [friction, friction, 0.005, 0.0001, 0.0001]

    def _colour(self, k: int, shot: Shot, rng: np.random.Generator) -> None:
        thing = shot.things[k]
        shade = rng.uniform(0.93, 1.0)
        is_satin = rng.random() < 0.5
        specular, shininess = _SATIN if is_satin else _DULL
        self.rgb[k] = np.array(RGB[thing.colour]) * shade
        if thing.material == "checkered":
            material = self.model.material(f"{thing.colour} patches").id
            self.model.mat_rgba[material] = [shade, shade, shade, 1.0]
        else:
            material = self.model.material(f"thing{k}").id
            self.model.mat_rgba[material] = [*self.rgb[k], 1.0]
            if thing.material == "glossy":
                specular, shininess = _GLOSSY
            self.model.mat_specular[material] = (
                specular if thing.material == "glossy" else specular * 0.6 / _shine(shot)
            )
            self.model.mat_shininess[material] = shininess
        self.model.geom_matid[self._geoms[k]] = material

    def _place(self, k: int, staging: Staging) -> None:
        is_here = k < self._num_things
        self.model.geom_group[self._geoms[k]] = _SHOWN if is_here else _HIDDEN
        position = staging.positions_m[k] if is_here else (50.0 * k, 0.0, 1000.0)
        quaternion = staging.quaternions[k] if is_here else (1.0, 0.0, 0.0, 0.0)
        self.data.qpos[7 * k : 7 * k + 7] = [*position, *quaternion]

    def push(self, thing: int, push: Push, *, inertias: list[tuple[float, float, float]], roll_radius_m: float) -> None:
        """Begin a beat: give the acting thing its velocity, and let the others come to rest.

        Args:
            thing: index of the acting thing.
            push: its impulse and surroundings.
            inertias: principal moments of each thing.
            roll_radius_m: of the acting thing; 0 when it slides.
        """
        for k in range(self._num_things):
            pace = push.drag_seconds if k == thing else _STILL_DRAG_SECONDS
            self._drag(k, pace, inertias[k])
            self.model.pair_solref[k] = elastic(push.restitution if k == thing else 0.0)
        x, y, _ = push.velocity
        spin = np.array([-y, x, 0.0]) / roll_radius_m if roll_radius_m else np.zeros(3)
        if push.spin is not None:
            spin = np.array(push.spin)
        if push.grip is not None:
            self._rub(thing, push.grip)
        own = np.zeros(3)
        back = np.zeros(4)
        mujoco.mju_negQuat(back, self.data.qpos[7 * thing + 3 : 7 * thing + 7])
        mujoco.mju_rotVecQuat(own, spin, back)
        self.data.qvel[6 * thing : 6 * thing + 6] = [*push.velocity, *own]

    def hold(self, thing: int, state: Float64[np.ndarray, "13"]) -> None:
        """Put a thing where a formula says, whatever physics would have it do.

        Args:
            thing: index of the thing.
            state: position, quaternion, velocity and angular velocity (both in world axes).
        """
        own, back = np.zeros(3), np.zeros(4)
        mujoco.mju_negQuat(back, state[3:7])
        mujoco.mju_rotVecQuat(own, state[10:], back)
        self.data.qpos[7 * thing : 7 * thing + 7] = state[:7]
        self.data.qvel[6 * thing : 6 * thing + 6] = [*state[7:10], *own]

    def release(self, thing: int, *, drag_seconds: float, inertia: tuple[float, float, float]) -> None:
        """Let a thing that is to be hit move as freely as the one that hits it.

        Args:
            thing: index of the target.
            drag_seconds: see `Push`.
            inertia: its principal moments.
        """
        self._drag(thing, drag_seconds, inertia)

    def _drag(self, k: int, seconds: float, inertia: tuple[float, float, float]) -> None:
        rate = 1.0 / seconds
        self.model.dof_damping[6 * k : 6 * k + 6] = [rate * MASS_KG] * 2 + [0.0] + [rate * i for i in inertia]

    def state(self) -> Float64[np.ndarray, "k 13"]:
        """Read the things.

        Returns:
            Position, quaternion, velocity and angular velocity (both in world axes) per thing.
        """
        rows = []
        for k in range(self._num_things):
            spin = np.zeros(3)
            mujoco.mju_rotVecQuat(spin, self.data.qvel[6 * k + 3 : 6 * k + 6], self.data.qpos[7 * k + 3 : 7 * k + 7])
            rows.append(np.concatenate([self.data.qpos[7 * k : 7 * k + 7], self.data.qvel[6 * k : 6 * k + 3], spin]))
        return np.stack(rows)

    def touching(self) -> list[tuple[int, int]]:
        """List who touches whom now.

        Returns:
            Pairs of thing indices, the smaller first; -1 is the floor.
        """
        index = {self._geoms[k]: k for k in range(MAX_THINGS)}
        pairs = {tuple(sorted(index.get(int(g), -1) for g in self.data.contact[c].geom)) for c in range(self.data.ncon)}
        return sorted(pairs)  # type: ignore[arg-type]
