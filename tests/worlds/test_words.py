import hashlib
import json
import re

import pytest

from misora.core.errors import UsageError
from misora.model.text import TextEncoder
from misora.worlds.draw import draw_script
from misora.worlds.grammar import WIDE
from misora.worlds.lexicon import PIECES
from misora.worlds.script import mirror
from misora.worlds.words import MAX_TOKENS, REGISTERS, VOCABULARY, captions, num_tokens, words_of

SAME = {
    "sphere": "ball", "cube": "box", "block": "box", "drum": "cylinder", "pill": "capsule", "violet": "purple",
    "gray": "grey", "wood": "wooden", "checkerboard": "checkered", "shiny": "glossy", "polished": "glossy",
    "patched": "checkered",
}  # fmt: skip


def said(text: str) -> list[str]:
    return [SAME.get(word, word) for word in words_of(text)]


@pytest.mark.parametrize("register", REGISTERS)
def test_each_line_names_all_that_can_be_judged(register: str) -> None:
    for seed in range(80):
        script = draw_script(seed, split="any", grammar=WIDE)
        told = [(shot, beat) for shot in script.shots for beat in shot.beats]
        for line, (shot, beat) in zip(captions(script, register=register, seed=seed), told, strict=True):
            words = said(line.text)
            assert (line.from_seconds, line.to_seconds) == (beat.from_seconds, beat.to_seconds)
            assert all(f"{thing.colour} {thing.shape}" in " ".join(words) for thing in shot.things)
            assert f"{shot.floor} floor" in " ".join(words)
            if beat.direction:
                assert beat.direction in words
            sides = {beat.direction, (shot.relation or "").removesuffix("_of")}
            assert {"left", "right", "towards"} & set(words) <= sides
            for thing in shot.things:
                is_told = thing.material != "matte"
                assert (f"{thing.material} {thing.colour}" in " ".join(words)) == is_told
            relation = (shot.relation or "").replace("_", " ")
            assert relation in " ".join(words)
            assert bool({"trail", "paints"} & set(words)) == (beat.kind == "roll" and shot.things[beat.thing].paints)


def test_the_one_who_hits_is_named_before_the_one_who_is_hit() -> None:
    for seed in range(150):
        script = draw_script(seed, split="any", num_lines=1)
        shot, beat = script.shots[0], script.shots[0].beats[0]
        if beat.target is not None:
            text = " ".join(said(captions(script, register="plain", seed=seed)[0].text))
            actor, target = (f"{shot.things[k].colour} {shot.things[k].shape}" for k in (beat.thing, beat.target))
            assert text.index(actor) < text.index(target)


@pytest.mark.parametrize("register", REGISTERS)
def test_the_words_of_a_mirrored_script_differ_in_left_and_right_only(register: str) -> None:
    swap = {"left": "right", "right": "left"}
    for seed in range(60):
        script = draw_script(seed, split="any", grammar=WIDE)
        for line, mirrored in zip(
            captions(script, register=register, seed=seed),
            captions(mirror(script), register=register, seed=seed),
            strict=True,
        ):
            assert re.sub(r"\b(left|right)\b", lambda match: swap[match[0]], line.text) == mirrored.text


def test_seeds_draw_synonyms() -> None:
    script = draw_script(1, split="any")
    texts = {captions(script, register="plain", seed=seed)[0].text for seed in range(30)}
    assert len(texts) > 5
    assert captions(script, register="plain", seed=0) == captions(script, register="plain", seed=0)


def test_the_vocabulary_is_exactly_what_is_said() -> None:
    scripts = [draw_script(seed, split="any", grammar=WIDE) for seed in range(450)]
    heard = {
        word
        for seed, script in enumerate(scripts)
        for register in REGISTERS
        for line in captions(script, register=register, seed=seed)
        for word in words_of(line.text)
    }
    assert heard == VOCABULARY


def test_articles_fit_and_no_placeholder_is_left() -> None:
    for seed in range(80):
        for register in REGISTERS:
            for line in captions(draw_script(seed, split="any", grammar=WIDE), register=register, seed=seed):
                assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|[{}]|  | ,", line.text), line.text


def test_a_story_names_light_and_camera() -> None:
    for seed in range(100):
        for line in captions(draw_script(seed, split="any", grammar=WIDE), register="story", seed=seed):
            assert {"light", "daylight", "sun"} & set(words_of(line.text))
            assert "camera" in line.text.lower()


def test_an_unknown_register_is_refused() -> None:
    with pytest.raises(UsageError, match="expected one of tags, plain, story, paragraph"):
        captions(draw_script(0, split="any"), register="poem", seed=0)


def test_a_paragraph_is_three_to_five_sentences_that_the_text_encoder_holds() -> None:
    for seed in range(250):
        script = draw_script(seed, split="any", grammar=WIDE)
        is_crowded = any(len(shot.things) > 2 for shot in script.shots)
        for line in captions(script, register="paragraph", seed=seed):
            assert 3 <= line.text.count(".") <= 5, line.text
            assert num_tokens(line.text) <= MAX_TOKENS
            assert len(line.text) <= 400
            assert "camera" in line.text.lower() or is_crowded  # where it would not fit


@pytest.mark.parametrize(
    ("register", "digest"), [("tags", "874d8cb6f9ca1025"), ("plain", "452b195de34b6d8f"), ("story", "049c9c945d31aafe")]
)
def test_scripts_of_the_first_grammar_are_said_as_they_always_were(register: str, digest: str) -> None:
    said_lines = [
        [(line.text, line.from_seconds, line.to_seconds) for line in captions(script, register=register, seed=seed)]
        for seed, script in ((seed, draw_script(seed, split="any")) for seed in range(300))
    ]
    assert hashlib.sha256(json.dumps(said_lines, sort_keys=True).encode()).hexdigest()[:16] == digest


def test_no_line_is_longer_than_a_text_encoder_reads() -> None:
    encoder = TextEncoder()
    texts = {
        line.text
        for seed in range(900)
        for register in ("story", "paragraph")
        for line in captions(draw_script(seed, split="any", grammar=WIDE), register=register, seed=seed)
    }
    longest = sorted(texts, key=num_tokens)[-200:]
    assert [num_tokens(text) for text in longest] == [encoder.count_tokens(text) for text in longest]
    assert 60 < num_tokens(longest[-1]) <= MAX_TOKENS
    assert {word: encoder.count_tokens(word) - 2 for word in VOCABULARY if encoder.count_tokens(word) > 3} == PIECES
