"""The mathematics of removing noise: levels, path, times, loss, solvers, guidance.

Time runs from 1 (noise) to 0 (data). Every function is pure and knows nothing of transformers: tokens are flat and
packed, `n` of them with `c` channels, and each token stands at a level of its own.
"""

from misora.flow.guidance import guided, guided_in_turn
from misora.flow.levels import token_levels
from misora.flow.loss import velocity_from_clean, velocity_loss
from misora.flow.path import interpolate
from misora.flow.schedule import draw_times, sampling_times, shift_for, shift_time
from misora.flow.solve import OnStep, SolverStep, euler, multistep

__all__ = [
    "OnStep",
    "SolverStep",
    "draw_times",
    "euler",
    "guided",
    "guided_in_turn",
    "interpolate",
    "multistep",
    "sampling_times",
    "shift_for",
    "shift_time",
    "token_levels",
    "velocity_from_clean",
    "velocity_loss",
]
