from misora.corpus.row import Caption, captions_from_json, captions_to_json
from misora.video.line import Line


def test_captions_survive_the_table() -> None:
    captions = (
        Caption(
            register="plain", variant=1, is_mirrored=True, lines=(Line("“a”, 空", 0.0, 0.75), Line("b", 0.75, 2.0))
        ),
        Caption(register="tags", variant=0, is_mirrored=False, lines=()),
    )
    assert captions_from_json(captions_to_json(captions)) == captions
