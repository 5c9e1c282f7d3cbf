from dataclasses import replace

import pytest

from misora.core.errors import UsageError
from misora.evaluate.prompts import SuiteSettings, canvas_of, is_camera_told, is_relation_told, prompt_script
from misora.generate.limits import check_canvas
from misora.model.bundle import Limits
from misora.worlds.grammar import FIRST, WIDE
from misora.worlds.script import held_out_flags, mirror

LIMITS = Limits(max_seconds=4.0, max_tokens=768)
SETTINGS = SuiteSettings(num_prompts=40, seed=3, varied_share=0.4)


@pytest.mark.parametrize("grammar", [FIRST, WIDE], ids=lambda grammar: grammar.name)
def test_every_prompt_and_its_mirror_image_is_held_out_and_fits_the_model(grammar) -> None:
    scripts = [prompt_script(SETTINGS, LIMITS, grammar, index=index) for index in range(24)]
    for index, script in enumerate(scripts):
        assert all(held_out_flags(script))
        assert all(held_out_flags(mirror(script)))
        canvas = canvas_of(script, SETTINGS, index=index, grammar=grammar)
        check_canvas(canvas, LIMITS)
        assert len(canvas.lines) == sum(len(shot.beats) for shot in script.shots)
    assert {script.seconds for script in scripts} > {2.0, 3.0}
    assert len({(script.width_px, script.height_px) for script in scripts}) > 2
    assert scripts[7] == prompt_script(SETTINGS, LIMITS, grammar, index=7)
    assert scripts[7] != prompt_script(SETTINGS, LIMITS, grammar, index=7, attempt=1)


def test_a_model_of_short_clips_is_asked_for_no_more_than_it_can() -> None:
    limits = Limits(max_seconds=2.0)
    assert {prompt_script(SETTINGS, limits, WIDE, index=index).seconds for index in range(8)} <= {1.0, 2.0}


def test_the_camera_is_asked_where_the_words_tell_it() -> None:
    told = {}
    for index in range(24):
        script = prompt_script(SETTINGS, LIMITS, FIRST, index=index)
        canvas = canvas_of(script, SETTINGS, index=index)
        told[index] = is_camera_told(script, SETTINGS, index=index, grammar=FIRST)
        is_said = all("camera" in line.text.replace("the camera,", "") for line in canvas.lines)
        assert is_said or not told[index] or len(canvas.lines) > 1
    assert 0.3 < sum(told.values()) / 24 < 0.9
    assert all(told[index] for index in range(2, 24, 3))  # stories tell it always


def test_a_relation_is_asked_where_the_words_tell_it() -> None:
    grammar = replace(WIDE, lines=(1.0,), relation_share=1.0, things=(0.0, 1.0))
    told, has = [], []
    for index in range(16):
        script = prompt_script(SETTINGS, LIMITS, grammar, index=index)
        told.append(is_relation_told(script, SETTINGS, index=index, grammar=grammar))
        has.append(any(shot.relation for shot in script.shots))
    assert sum(told) > 0
    assert all(one or not other for one, other in zip(has, told, strict=True))


def test_one_prompt_is_too_few() -> None:
    with pytest.raises(UsageError, match="2 to 10000 prompts, got 1"):
        SuiteSettings(num_prompts=1)
