"""What the camera is told."""

from misora.generate.camera import directed
from misora.generate.canvas import Canvas, Control
from misora.generate.words import phrase_of
from misora.video.line import Line

LINES = (Line("a red ball rolls left.", 0.0, 1.0), Line("the camera orbits around", 1.0, 2.0))
CANVAS = Canvas(seconds=2.0, fps=8.0, width_px=96, height_px=96, lines=LINES)


def test_the_phrase_is_added_to_every_line_that_does_not_say_it() -> None:
    said = [line.text for line in directed(CANVAS, camera="orbit").lines]
    assert said == ["a red ball rolls left, the camera orbits around", "the camera orbits around"]


def test_a_silent_canvas_says_the_phrase_alone() -> None:
    silent = Canvas(seconds=2.0, fps=8.0, width_px=96, height_px=96, lines=())
    assert directed(silent, camera="rise").lines == (Line(phrase_of("rise"), 0.0, 2.0),)


def test_controls_are_added_and_without_words_nothing_is_said() -> None:
    track = Control(kind="track", times_seconds=(0.0,), values=((0.5, 0.5),))
    told = directed(CANVAS, controls=[track])
    assert (told.lines, told.controls) == (LINES, (track,))
