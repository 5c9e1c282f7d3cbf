from misora.corpus.progress import Meter, Progress


def test_the_end_is_always_reported() -> None:
    heard: list[Progress] = []
    meter = Meter("clips", num_done=2, num_all=4, on_progress=heard.append, every_seconds=1e9)
    meter.add(1)
    meter.add(1)
    assert [(p.num_done, p.num_all, p.remaining_seconds) for p in heard] == [(4, 4, 0.0)]


def test_a_report_reads_as_a_sentence() -> None:
    progress = Progress(what="clips", num_done=1200, num_all=12000, rate_hz=20.0, remaining_seconds=545.2)
    assert str(progress) == "1,200 of 12,000 clips, 20.0 clips/s, 9 min 05 s left"
