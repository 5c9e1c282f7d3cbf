import json

import pytest
import torch
from torch import Tensor

from misora.core.seeds import generator
from misora.evaluate.judge import Judge
from misora.evaluate.prompts import SuiteSettings, canvas_of, prompt_script
from misora.evaluate.text_report import as_dict, as_table
from misora.evaluate.text_suite import beats_of, generated_clips, run_text_suite
from misora.evaluate.verdict import ATTRIBUTES
from misora.model.autoencoder import Autoencoder, AutoencoderSize
from misora.model.bundle import Limits, Model
from misora.model.dial import TransformerSize
from misora.model.transformer import Transformer
from misora.worlds.grammar import FIRST, WIDE, Grammar


class _Text:
    channels = 384

    def encode(self, texts: list[str]) -> list[Tensor]:
        return [torch.randn(len(text.split()), 384, generator=generator(text)) for text in texts]


def _tiny(**details: object) -> Model:
    torch.manual_seed(0)
    size = TransformerSize(depth=1, width=64, hidden=64, latent_channels=8, refiner_depth=1)
    autoencoder = Autoencoder(
        AutoencoderSize(latent_channels=8, widths=(8, 8, 8, 8), encoder_blocks=(1, 1, 1), decoder_blocks=(1, 1, 1, 1))
    )
    limits = Limits(default_seconds=1.0, max_seconds=2.0)
    model = Model(Transformer(size), autoencoder, limits=limits, name="tiny", details=details)
    model.__dict__["text"] = _Text()
    return model


def test_a_video_does_not_depend_on_its_batch() -> None:
    model = _tiny()
    settings = SuiteSettings(num_prompts=4, seed=0, steps=1, varied_share=0.5)
    scripts = [prompt_script(settings, model.limits, FIRST, index=index) for index in range(4)]
    canvases = [canvas_of(script, settings, index=index) for index, script in enumerate(scripts)]
    alone = generated_clips(model, canvases, settings=SuiteSettings(steps=1, batch=1))
    together = generated_clips(model, canvases, settings=SuiteSettings(steps=1, batch=3))
    for one, other, canvas in zip(alone, together, canvases, strict=True):
        assert one.num_frames == canvas.num_frames
        assert (one.frames.int() - other.frames.int()).abs().max() <= 2  # sums are rounded in another order


@pytest.mark.parametrize("grammar", [FIRST, WIDE], ids=lambda grammar: grammar.name)
def test_the_report_tells_each_attribute_with_truth_and_chance(grammar: Grammar) -> None:
    details = {} if grammar is FIRST else {"grammar": grammar.name}  # a folder that names no grammar is of the first
    settings = SuiteSettings(num_prompts=4, seed=1, steps=1, num_redone=2)
    report = run_text_suite(_tiny(**details), Judge.load(), settings=settings)
    told = json.loads(json.dumps(as_dict(report)))
    assert told["grammar"] == grammar.name
    assert set(told["attributes"]) == {*ATTRIBUTES, "all"}
    floor = told["attributes"]["floor"]
    assert floor["generated"]["of"] == 4
    assert floor["reconstruction"]["of"] == 2
    assert floor["truth"]["value"] >= 0.5
    assert floor["generated"]["low"] <= floor["generated"]["value"] <= floor["generated"]["high"]
    assert sum(scores["all"]["of"] for scores in told["groups"]["aspect"].values()) == 4
    assert all(name in as_table(report) for name in ATTRIBUTES)


def test_a_line_is_told_of_each_beat() -> None:
    script = prompt_script(SuiteSettings(seed=2), Limits(max_seconds=4.0), WIDE, index=5)
    assert len(beats_of(script)) == sum(len(shot.beats) for shot in script.shots)
