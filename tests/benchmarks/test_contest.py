import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import contest
from benchmarks.contest import DTYPES, draw_clips, ours, race
from misora.model.dial import size_for

SIZE = size_for(1)


def test_our_count_of_operations_is_that_of_torch() -> None:
    network = ours(SIZE, draw_clips(SIZE, num_clips=2, seed=0), torch.float32)
    with FlopCounterMode(display=False) as counter:
        network.predict()  # with gradients, so that attention is made of plain products, which torch counts
    assert network.forward_flops == counter.get_total_flops()


def test_every_weight_that_multiplies_gets_a_gradient() -> None:
    network = ours(SIZE, draw_clips(SIZE, num_clips=2, seed=0), torch.float32)
    (network.predict() - network.target).square().mean().backward()
    idle = sorted(
        name for name, weight in network.module.named_parameters() if weight.grad is None or not weight.grad.any()
    )
    # every clip has its line here, and none is steered
    assert idle == ["embed_camera.weight", "embed_track.weight", "refiner.silence"]


def test_steps_take_turns_and_warm_up_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []
    clock = iter(range(1000))
    monkeypatch.setattr(contest.time, "perf_counter", lambda: next(clock))
    seconds = race({name: lambda name=name: turns.append(name) for name in "ab"}, timed=3)
    assert "".join(turns) == "ab" * (contest.WARM + 3)
    assert seconds == {"a": 1, "b": 1}


def test_bfloat16_is_left_out_where_it_is_imitated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contest, "pick_dtype", lambda: torch.float32)
    assert "imitates bfloat16" in (contest.why_no_dtype("bf16", is_full=False) or "")
    assert [contest.why_no_dtype(dtype, is_full=True) for dtype in DTYPES] == [None, None]
