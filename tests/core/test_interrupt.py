import os
import signal
import subprocess
import sys
import threading

import pytest

from misora.core.interrupt import stop_wish


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_is_a_wish(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stop_wish() as is_asked:
        assert not is_asked()
        os.kill(os.getpid(), number)
        assert is_asked()
    assert signal.getsignal(number) is before


def test_the_second_acts_as_ever() -> None:
    with stop_wish():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    program = (
        "import os, signal; from misora.core.interrupt import stop_wish; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "with stop_wish() as is_asked: os.kill(os.getpid(), signal.SIGINT); print(is_asked())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_other_threads_catch_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def enter() -> None:
        with stop_wish() as is_asked:
            seen.append((is_asked(), signal.getsignal(signal.SIGINT) is before))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [(False, True)]
