"""Judges of an operator's own, named by policy and imported where they are wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module

from misora.core.errors import PolicyError
from misora.trust.findings import FrameJudge, PromptJudge
from misora.trust.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugged:
    """Judges by the names under which policy knows them.

    Attributes:
        prompts: those of words.
        frames: those of frames.
    """

    prompts: dict[str, PromptJudge] = field(default_factory=dict)
    frames: dict[str, FrameJudge] = field(default_factory=dict)


def plugged_in(policy: Policy) -> Plugged:
    """Make the judges that a policy names by `plugin`.

    Args:
        policy: what may be made.

    Returns:
        The judges; an optional one that is not installed is left out, and told as absent with every decision.

    Raises:
        PolicyError: if a required one cannot be made, or one has neither `judge_prompt` nor `judge_frames`.
    """
    found = Plugged()
    for name, settings in policy.judges.items():
        if not settings.plugin or settings.mode == "off":
            continue
        try:
            judge = _made(settings.plugin)
        except Exception as error:  # a judge may be anybody's code, and fail in any way
            if settings.mode == "optional":
                continue
            raise PolicyError(
                f"{policy.path}: judge {name} is required, but its plugin {settings.plugin!r} cannot be made "
                f"({type(error).__name__}: {error}); install it, or change the policy"
            ) from error
        if isinstance(judge, PromptJudge):
            found.prompts[name] = judge
        if isinstance(judge, FrameJudge):
            found.frames[name] = judge
        if name not in found.prompts and name not in found.frames:
            raise PolicyError(
                f"{policy.path}: plugin {settings.plugin!r} of judge {name} gave {type(judge).__name__}, which lacks name, "
                "judge_prompt or judge_frames; see misora.trust.findings"
            )
    return found


def _made(plugin: str) -> object:
    module, maker = plugin.split(":")
    return getattr(import_module(module), maker)()
