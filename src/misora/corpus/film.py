"""Fill a corpus from a simulated world: scripts by seed and grammar, filmed in several processes, resumable at any point."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from safetensors.torch import save

from misora.core.errors import MisoraError, StoppedError, UsageError
from misora.core.seeds import derive
from misora.corpus.ledger import Failure, cause_of, record
from misora.corpus.progress import Meter, OnProgress, print_progress
from misora.corpus.row import Caption, Row
from misora.corpus.table import FRAGMENT_ROWS, Corpus
from misora.video.lossless import encode_lossless
from misora.worlds.draw import draw_script
from misora.worlds.film import Filmer, Take
from misora.worlds.grammar import FIRST, grammar_named
from misora.worlds.script import Script, mirror, script_to_dict
from misora.worlds.words import captions

NUM_VARIANTS = 2
_MAX_FAILURES_IN_A_ROW = 16
_MAX_ATTEMPTS = 5
_THREAD_SETTINGS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class FilmError(MisoraError):
    """Filming that cannot go on; what was filmed is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One clip to film; the same order always gives the same clip.

    Attributes:
        world: which simulator.
        split: `train` or `held_out`.
        seed: of the corpus.
        number: of the clip within (world, grammar, split, seed), from 0.
        grammar: name of the grammar of the scripts.
    """

    world: str
    split: str
    seed: int
    number: int
    grammar: str = FIRST.name

    @property
    def _world(self) -> tuple[str, ...]:
        """World and grammar; the first grammar is not named, so that older corpora go on as they began."""
        return (self.world,) if self.grammar == FIRST.name else (self.world, self.grammar)

    @property
    def id(self) -> str:
        """The id of its row."""
        return "-".join([*self._world, self.split, str(self.seed), f"{self.number:07d}"])

    def script_seed(self, attempt: int) -> int:
        """Name the script.

        Args:
            attempt: from 0; a script that cannot be staged is drawn anew.

        Returns:
            The seed from which the script is drawn.
        """
        return derive("film", *self._world, self.split, self.seed, self.number, attempt)


def film_corpus(
    path: Path | str,
    *,
    clips: int,
    world: str = "playroom",
    seed: int = 0,
    split: str = "train",
    grammar: str = FIRST.name,
    workers: int = 2,
    on_progress: OnProgress = print_progress,
) -> Corpus:
    """Film clips into a corpus until it holds as many as asked for; a second call goes on where the first stopped.

    The rows do not depend on the number of workers. Clips that fail go to the ledger and are tried again next time.

    Args:
        path: the folder of the corpus, made if need be.
        clips: how many clips of this (world, grammar, seed, split) the corpus shall hold.
        world: which simulator; `playroom` is the only one.
        seed: another seed gives other clips.
        split: `train`, or `held_out` for combinations that training never shows.
        grammar: `first` or `wide`: what the scripts are drawn from.
        workers: processes that film; 0 films in this process.
        on_progress: told every ten seconds.

    Returns:
        The corpus as it stands at the end.

    Raises:
        UsageError: if a setting is out of range.
        FilmError: if many clips in a row fail or a filming process dies.
        StoppedError: on Ctrl-C; what is filmed is kept.
    """
    _check(world, split, clips, workers)
    grammar_named(grammar)
    corpus = Corpus.open_or_create(path)
    present = set(corpus.column("id"))
    orders = [Order(world=world, split=split, seed=seed, number=n, grammar=grammar) for n in range(clips)]
    missing = [order for order in orders if order.id not in present]
    meter = Meter("clips", num_done=clips - len(missing), num_all=clips, on_progress=on_progress)
    try:
        with _filming(workers) as film_all:
            _write_all(corpus, film_all(missing), meter)
    except KeyboardInterrupt:
        raise StoppedError(f"stopped; {path} keeps its {corpus.num_rows:,} clips; run it again to go on") from None
    return corpus


def _check(world: str, split: str, clips: int, workers: int) -> None:
    if world != "playroom":
        raise UsageError(f"unknown world {world!r}; the only one is 'playroom'")
    if split not in ("train", "held_out"):
        raise UsageError(f"unknown split {split!r}; choose 'train' or 'held_out'")
    if clips < 1 or workers < 0:
        raise UsageError(f"clips must be at least 1 and workers at least 0, got {clips} and {workers}")


def _write_all(corpus: Corpus, results: Iterator[Row | Failure], meter: Meter) -> None:
    waiting: list[Row] = []
    num_failed = 0
    try:
        for result in results:
            if isinstance(result, Row):
                waiting.append(result)
                num_failed = 0
            else:
                record(corpus.path, result)
                num_failed += 1
            if num_failed >= _MAX_FAILURES_IN_A_ROW:
                raise FilmError(f"{num_failed} clips in a row failed, the last with {result}; see the ledger")
            if len(waiting) >= FRAGMENT_ROWS:
                corpus.append(waiting)
                waiting = []
            meter.add(1)
    finally:  # also on Ctrl-C: what is filmed is kept
        corpus.append(waiting)


@contextmanager
def _filming(workers: int) -> Iterator[Callable[[Sequence[Order]], Iterator[Row | Failure]]]:
    """Offer a function that films orders and yields the results in their order."""
    if workers == 0:
        with Filmer() as filmer:
            yield lambda orders: (film_order(filmer, order) for order in orders)
        return
    from multiprocessing import get_context

    with _single_threaded_children():
        pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_enter_worker)
        try:
            yield lambda orders: _in_order(pool, orders, num_ahead=8 * workers)
        except BrokenProcessPool as error:
            raise FilmError(
                "a filming process died or could not start; see above; what was filmed is kept; run again"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _in_order(pool: ProcessPoolExecutor, orders: Sequence[Order], num_ahead: int) -> Iterator[Row | Failure]:
    left = iter(orders)
    running: list[Future[Row | Failure]] = [pool.submit(_film_in_worker, order) for order in islice(left, num_ahead)]
    while running:
        yield running.pop(0).result()
        running.extend(pool.submit(_film_in_worker, order) for order in islice(left, 1))


@contextmanager
def _single_threaded_children() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _THREAD_SETTINGS}
    os.environ.update(dict.fromkeys(_THREAD_SETTINGS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_filmer: Filmer | None = None  # one a worker process: making its model costs as much as many clips


def _enter_worker() -> None:
    import signal
    import threading
    from multiprocessing import parent_process

    import torch

    global _filmer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent alone decides what Ctrl-C means
    torch.set_num_threads(1)
    _filmer = Filmer().__enter__()

    def leave_with_parent() -> None:
        parent = parent_process()
        assert parent is not None
        parent.join()
        os._exit(1)

    threading.Thread(target=leave_with_parent, daemon=True).start()


def _film_in_worker(order: Order) -> Row | Failure:
    assert _filmer is not None
    return film_order(_filmer, order)


def film_order(filmer: Filmer, order: Order) -> Row | Failure:
    """Film one clip with its captions and its truth.

    Args:
        filmer: an open one.
        order: which clip.

    Returns:
        Its row, or what went wrong.
    """
    try:
        return _row(order, _take(filmer, order))
    except Exception as error:  # one bad script must not stop thousands of good ones
        return Failure(path=order.id, stage="film", cause=cause_of(error))


def _take(filmer: Filmer, order: Order) -> Take:
    for attempt in range(_MAX_ATTEMPTS - 1):
        try:
            return filmer.film(_script(order, attempt))
        except MisoraError:  # the world found no staging that does what the script says
            continue
    return filmer.film(_script(order, _MAX_ATTEMPTS - 1))


def _script(order: Order, attempt: int) -> Script:
    return draw_script(order.script_seed(attempt), split=order.split, grammar=grammar_named(order.grammar))


def _row(order: Order, take: Take) -> Row:
    width_px, height_px = take.clip.size
    return Row(
        id=order.id,
        source=order.world,
        seed=take.script.seed,
        split=order.split,
        video=encode_lossless(take.clip),
        width_px=width_px,
        height_px=height_px,
        num_frames=take.clip.num_frames,
        fps=take.clip.fps,
        seconds=take.clip.seconds,
        captions=captions_of(take.script, registers=grammar_named(order.grammar).registers),
        script=json.dumps(script_to_dict(take.script), separators=(",", ":")),
        truth=save(take.truth.to_tensors()),
        licence="CC0-1.0",
        renderer=take.truth.renderer,
    )


def captions_of(script: Script, *, registers: tuple[str, ...] = FIRST.registers) -> tuple[Caption, ...]:
    """Say a script in every register and choice of words, as filmed and mirrored.

    Args:
        script: of a world.
        registers: manners of speaking.

    Returns:
        One caption per register, variant and mirroring.
    """
    return tuple(
        Caption(
            register=register,
            variant=variant,
            is_mirrored=is_mirrored,
            lines=captions(
                mirror(script) if is_mirrored else script,
                register=register,
                seed=derive("words", script.seed, variant),
            ),
        )
        for is_mirrored in (False, True)
        for register in registers
        for variant in range(NUM_VARIANTS)
    )
