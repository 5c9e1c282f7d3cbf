"""What really happened in a filmed clip: poses, velocities, contacts, camera, and maps of who is where."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from jaxtyping import Bool, Float32, Int32, Shaped, UInt8
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Per frame f and thing k of its shot; a thing that the shot does not have is NaN and not visible.

    Attributes:
        positions_m: centres; x to the right, y away from the camera at rest, z up.
        quaternions: w, x, y, z.
        velocities: metres per second.
        angular_velocities: radians per second, in world axes.
        centres_px: column and row of the centre from the upper left corner.
        depths_m: of the centres, along the view.
        visible: whether the centre lies in the picture.
        camera_positions_m: place of the camera.
        camera_axes: rows right, up, forward.
        focal_px: distance of the picture plane in pixels.
        shots: index of the shot of each frame.
        contacts: rows of seconds, first thing, second thing (-1 is the floor), closing speed; only beginnings.
        segmentation: 0 is background, else index of the thing plus 1; None unless maps were asked for.
        depth_m: per pixel, along the view; None unless maps were asked for.
        renderer: who drew the pixels, since bits differ between renderers.
    """

    positions_m: Float32[Tensor, "f k 3"]
    quaternions: Float32[Tensor, "f k 4"]
    velocities: Float32[Tensor, "f k 3"]
    angular_velocities: Float32[Tensor, "f k 3"]
    centres_px: Float32[Tensor, "f k 2"]
    depths_m: Float32[Tensor, "f k"]
    visible: Bool[Tensor, "f k"]
    camera_positions_m: Float32[Tensor, "f 3"]
    camera_axes: Float32[Tensor, "f 3 3"]
    focal_px: Float32[Tensor, " f"]
    shots: Int32[Tensor, " f"]
    contacts: Float32[Tensor, "n 4"]
    segmentation: UInt8[Tensor, "f H W"] | None = None
    depth_m: Float32[Tensor, "f H W"] | None = None
    renderer: str = "none"

    def to_tensors(self) -> dict[str, Shaped[Tensor, "..."]]:
        """Give named tensors, ready for safetensors.

        Returns:
            A tensor a field; absent maps are left out; the renderer's name is UTF-8 bytes.
        """
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        named["renderer"] = torch.tensor(list(self.renderer.encode()), dtype=torch.uint8)
        return {name: value for name, value in named.items() if value is not None}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Shaped[Tensor, "..."]]) -> Truth:
        """Read back what `to_tensors` gave.

        Args:
            tensors: by field name.

        Returns:
            An equal truth.
        """
        return cls(**{**tensors, "renderer": bytes(tensors["renderer"].tolist()).decode()})  # type: ignore[arg-type]
