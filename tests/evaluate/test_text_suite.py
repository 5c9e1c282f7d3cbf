import json

import pytest
import torch
from torch import Tensor

from misora.core.seeds import generator
from misora.evaluate.judge import ATTRIBUTES, Judge
from misora.evaluate.text_suite import (
    SuiteSettings,
    as_dict,
    as_table,
    canvas_of,
    generated_clips,
    held_out_scripts,
    run_text_suite,
)
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.bundle import Limits, Model
from misora.model.dial import TransformerSize
from misora.model.transformer import Transformer
from misora.worlds.script import held_out_flags


class _Text:
    channels = 384

    def encode(self, texts: list[str]) -> list[Tensor]:
        return [torch.randn(len(text.split()), 384, generator=generator(text)) for text in texts]


@pytest.fixture(scope="module", name="model")
def _model() -> Model:
    torch.manual_seed(0)
    size = TransformerSize(depth=1, width=64, hidden=64, latent_channels=8, refiner_depth=1)
    autoencoder = Autoencoder(
        AutoencoderSize(latent_channels=8, widths=(8, 8, 8, 8), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1, 1, 1))
    )
    model = Model(Transformer(size), autoencoder, limits=Limits(), name="tiny")
    model.__dict__["text"] = _Text()
    return model


def test_every_acting_thing_is_held_out(model: Model) -> None:
    scripts = held_out_scripts(SuiteSettings(num_prompts=40, seed=3), model)
    assert all(all(held_out_flags(script)) for script in scripts)
    assert {len(script.shots) for script in scripts} == {1, 2}
    assert {script.seconds for script in scripts} == {2.0, 3.0}


def test_a_video_does_not_depend_on_its_batch(model: Model) -> None:
    settings = SuiteSettings(num_prompts=4, seed=0, steps=1, two_line_share=0.5)
    scripts = held_out_scripts(settings, model)
    canvases = [canvas_of(script, settings, index=index) for index, script in enumerate(scripts)]
    alone = generated_clips(model, canvases, settings=SuiteSettings(steps=1, batch=1))
    together = generated_clips(model, canvases, settings=SuiteSettings(steps=1, batch=3))
    for one, other, canvas in zip(alone, together, canvases, strict=True):
        assert one.num_frames == canvas.num_frames
        assert (one.frames.int() - other.frames.int()).abs().max() <= 2  # sums are rounded in another order


def test_the_report_tells_each_attribute_with_truth_and_chance(model: Model) -> None:
    settings = SuiteSettings(num_prompts=4, seed=1, steps=1, two_line_share=0.5)
    report = run_text_suite(model, Judge.load(), settings=settings)
    told = json.loads(json.dumps(as_dict(report)))
    assert set(told["attributes"]) == {*ATTRIBUTES, "all"}
    floor = told["attributes"]["floor"]
    assert floor["generated"]["of"] == 4
    assert floor["truth"]["value"] >= 0.5
    assert floor["generated"]["low"] <= floor["generated"]["value"] <= floor["generated"]["high"]
    table = as_table(report)
    assert all(name in table for name in ATTRIBUTES)
