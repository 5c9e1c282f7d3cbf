from misora.evaluate.verdict import ATTRIBUTES, COUNTED, PRINTED, Verdict


def test_a_verdict_ignores_what_was_not_asked() -> None:
    assert Verdict(claims={"floor": True, "swap": None}).is_accepted
    assert not Verdict(claims={"floor": True, "swap": False}).is_accepted


def test_what_is_only_printed_does_not_refuse_a_video() -> None:
    assert set(COUNTED) | set(PRINTED) == set(ATTRIBUTES)
    assert Verdict(claims={"floor": True, "camera": False, "relation": False, "both_colours": False}).is_accepted
