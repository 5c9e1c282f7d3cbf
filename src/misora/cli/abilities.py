"""The abilities as commands: each reads its sources and names a canvas builder; all share the options and way of `generate`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

from tyro.conf import Positional, arg

from misora.cli.commands import generate

if TYPE_CHECKING:
    from misora.generate.canvas import Canvas
    from misora.generate.studio import Studio
    from misora.video.clip import Clip

Command = Callable[..., None]
_CLIP_SUFFIXES = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".ts", ".y4m", ".gif", ".webp")


def _fitting(*, fit: Literal["fit", "fill", "crop"] | None = None) -> None:
    """What every command with sources has besides.

    Args:
        fit: how a source of another aspect ratio is brought to the size: fit on black, fill (stretched) or crop.
    """


def _like_generate(
    *, without: tuple[str, ...] = (), also: tuple[Command, ...] = (_fitting,)
) -> Callable[[Command], Command]:
    """Give a command the options of `generate`, with their words, in place of its `**options`."""

    def extend(command: Command) -> Command:
        own, hints = inspect.signature(command), get_type_hints(command, include_extras=True)
        kept = [p for p in own.parameters.values() if p.kind is not p.VAR_KEYWORD]
        told = {name: words for name, words in _words_of(command).items() if name != "**options"}
        for source in (*also, generate):
            words = _words_of(source)
            hints = get_type_hints(source, include_extras=True) | hints
            for name, parameter in inspect.signature(source).parameters.items():
                if name not in {*own.parameters, *without, "prompt", "canvas", "draft"}:
                    kept.append(parameter)
                    told[name] = words[name]
        summary = (inspect.getdoc(command) or "").partition("Args:")[0].rstrip()
        command.__dict__.pop("__wrapped__", None)  # what a type checker wrapped still says `**options`
        command.__signature__ = own.replace(parameters=kept)  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: hints[p.name] for p in kept} | {"return": None}
        lines = "".join(f"\n        {name}: {words}" for name, words in told.items())
        command.__doc__ = f"{summary}\n\n    Args:{lines}\n    "
        return command

    return extend


def _words_of(command: Command) -> dict[str, str]:
    """What a docstring says of each argument."""
    found: dict[str, str] = {}
    for line in (inspect.getdoc(command) or "").partition("Args:\n")[2].splitlines():
        name, colon, words = line.strip().partition(": ")
        if colon and len(line) - len(line.lstrip()) == 4:
            found[name] = words
        elif found and line.strip():
            found[next(reversed(found))] += f" {line.strip()}"
    return found


@_like_generate()
def animate(image: Positional[Path], prompt: Positional[str] = "", /, **options: Any) -> None:
    """Set a picture in motion: it is the first frame.

    Args:
        image: the picture.
        prompt: what should happen.
        **options: those of `generate`.
    """
    _run("animate", prompt, options, _clip(image), sources=(image,))


@_like_generate()
def frames(
    known: Positional[tuple[str, ...]], /, *, prompt: Annotated[str, arg(aliases=["-p"])] = "", **options: Any
) -> None:
    """Fill the time between pictures or clips at any times: first, last, in the middle.

    Args:
        known: each as TIME=FILE, such as 0=a.png 1.5=b.png end=c.png.
        prompt: what should happen.
        **options: those of `generate`.
    """
    from misora.generate.spoken import timed_files

    files = timed_files(known)
    clips = {when: _clip(path) for when, path in files.items()}
    _run("frames", prompt, options, clips, sources=tuple(files.values()))


@_like_generate(without=("seconds",))
def extend(
    clip: Positional[Path],
    prompt: Positional[str] = "",
    /,
    *,
    before: float = 0.0,
    after: float = 0.0,
    **options: Any,
) -> None:
    """Go on after the end of a clip, or begin before its start.

    Args:
        clip: the clip.
        prompt: what should happen.
        before: seconds to make before it.
        after: seconds to make after it.
        **options: those of `generate`.
    """
    _run("extend", prompt, options, _clip(clip), sources=(clip,), before=before, after=after)


@_like_generate()
def loop(clip: Positional[str], prompt: Positional[str] = "", /, *, gap: float = 1.0, **options: Any) -> None:
    """Close a clip, or one made of a sentence, so that it can play for ever.

    Args:
        clip: the clip; or a sentence, of which one is made first.
        prompt: what should happen on the way from the end to the start; the sentence itself if not given.
        gap: seconds to make from the end to the start.
        **options: those of `generate`; seconds and fps are those of the sentence's clip.
    """
    from misora.generate.command import looped, run
    from misora.generate.options import Options

    path = Path(clip)
    if path.suffix.lower() in _CLIP_SUFFIXES or path.is_file():
        _refuse_seconds(options)
        _run("loop", prompt, options, _clip(path), sources=(path,), gap=gap)
        return
    lay = looped(clip, prompt, gap=gap, fit=options.pop("fit"), steps=options["steps"], speed=options["speed"])
    run(Options(prompt=prompt or clip, stem=f"{clip}-loop", **_renamed(options)), lay)


@_like_generate(without=("seconds",))
def connect(
    first: Positional[Path],
    second: Positional[Path],
    prompt: Positional[str] = "",
    /,
    *,
    gap: float = 1.0,
    **options: Any,
) -> None:
    """Lead from the end of one clip to the start of another.

    Args:
        first: the clip that comes first.
        second: the clip that comes last.
        prompt: what should happen between them.
        gap: seconds to make between them.
        **options: those of `generate`.
    """
    _run("connect", prompt, options, _clip(first), _clip(second), sources=(first, second), gap=gap)


@_like_generate(without=("seconds",))
def recut(
    clip: Positional[Path],
    prompt: Positional[str] = "",
    /,
    *,
    keep: Annotated[tuple[str, ...], arg(metavar="FROM-TO")],
    gap: float | None = None,
    **options: Any,
) -> None:
    """Keep parts of a clip, and fill the gaps between them.

    Args:
        clip: the clip.
        prompt: what should happen in the gaps.
        keep: the parts, in seconds, in order, such as 0-0.8 1.4-2.
        gap: seconds to make between them; as long as what is cut out if not given.
        **options: those of `generate`.
    """
    from misora.generate.spoken import kept_parts

    _run("recut", prompt, options, kept_parts(_clip(clip), keep, gap=gap), sources=(clip,))


@_like_generate(without=("seconds",))
def remix(clip: Positional[Path], prompt: Positional[str], /, *, strength: str = "mild", **options: Any) -> None:
    """Make a clip or a picture again with other words.

    Args:
        clip: the clip, or a picture.
        prompt: what should be seen instead.
        strength: how much changes: subtle, mild, strong, or a number between 0 and 1.
        **options: those of `generate`.
    """
    _run("remix", prompt, options, _clip(clip), sources=(clip,), strength=strength)


@_like_generate(without=("seconds",))
def blend(
    first: Positional[Path],
    second: Positional[Path],
    prompt: Positional[str] = "",
    /,
    *,
    curve: str = "even",
    **options: Any,
) -> None:
    """Mix two clips into one, each with its share over time.

    Args:
        first: the clip of which there is most at share 0.
        second: the clip of which there is most at share 1.
        prompt: what should be seen.
        curve: share of the second: even, early, late, mix, or points of seconds and share such as 0:0,1:0.8,2:1.
        **options: those of `generate`.
    """
    from misora.generate.spoken import curve_of

    _run("blend", prompt, options, _clip(first), _clip(second), sources=(first, second), curve=curve_of(curve))


@_like_generate(without=("seconds",))
def inpaint(clip: Positional[Path], prompt: Positional[str] = "", /, *, mask: Path, **options: Any) -> None:
    """Make a part of a clip or a picture anew.

    Args:
        clip: the clip, or a picture.
        prompt: what should be seen.
        mask: a picture, or a clip with a frame for each, as large as the clip: light where it is made anew.
        **options: those of `generate`.
    """
    from misora.generate.source import read_mask

    source = _clip(clip)
    _run("inpaint", prompt, options, source, read_mask(mask, source), sources=(clip,))


@_like_generate(without=("seconds",), also=())
def reframe(
    clip: Positional[Path],
    prompt: Positional[str] = "",
    /,
    *,
    size: Annotated[str, arg(metavar="WxH")],
    **options: Any,
) -> None:
    """Bring a clip or a picture to another aspect ratio by painting what lies beyond its edges.

    Args:
        clip: the clip, or a picture.
        prompt: what should be seen.
        size: width and height of the result in pixels, such as 160x96.
        **options: those of `generate`.
    """
    _run("reframe", prompt, {**options, "size": size}, _clip(clip), sources=(clip,))


@_like_generate(without=("seconds",), also=())
def finalise(
    draft: Positional[Path], prompt: Positional[str] = "", /, *, strength: str = "mild", **options: Any
) -> None:
    """Make a draft large: a remix of it, enlarged.

    Args:
        draft: what `generate --draft` wrote.
        prompt: that of the draft.
        strength: how much may change: subtle, mild, strong, or a number between 0 and 1.
        **options: those of `generate`.
    """
    _run("finalise", prompt, options, _clip(draft), sources=(draft,), strength=strength)


@_like_generate(without=("fps", "size", "seconds", "negative", "guidance"), also=())
def storyboard(cards: Positional[Path], /, **options: Any) -> None:
    """Make a video of cards: sentences, pictures and clips at their times; the same as `generate --canvas`.

    Args:
        cards: a canvas file, .toml or .json (docs/abilities.md).
        **options: those of `generate`.
    """
    generate(canvas=cards, **options)


@_like_generate(without=("seconds", "fps", "scale", "count"), also=())
def variations(prompt: Positional[str], /, *, num: int = 9, **options: Any) -> None:
    """Make a picture of a sentence several times, and lay all of them on one sheet.

    Args:
        prompt: what should be seen.
        num: how many, with seeds counting up.
        **options: those of `generate`.
    """
    from misora.generate.command import run_variations
    from misora.generate.options import Options

    run_variations(Options(prompt=prompt, suffix=".png", **_renamed(options)), num=num)


ABILITIES: dict[str, Command] = {
    "animate": animate,
    "frames": frames,
    "extend": extend,
    "loop": loop,
    "connect": connect,
    "recut": recut,
    "remix": remix,
    "blend": blend,
    "storyboard": storyboard,
    "inpaint": inpaint,
    "reframe": reframe,
    "finalise": finalise,
    "variations": variations,
}


def _run(
    name: str,
    prompt: str,
    options: dict[str, Any],
    *given: Any,
    sources: tuple[Path, ...],
    **settings: Any,
) -> None:
    """Hand an ability to the way of `generate`; what it makes is named after its first source."""
    from misora.generate import abilities
    from misora.generate.command import run
    from misora.generate.options import Options
    from misora.video.clip import Clip

    if "fit" in options:
        settings["fit"] = options.pop("fit")

    def lay(studio: Studio, **asked: Any) -> Canvas:
        return getattr(abilities, name)(studio, *given, prompt, **settings, **asked)

    makes_still = name in ("remix", "inpaint", "reframe", "finalise") and isinstance(given[0], Clip)
    is_still = makes_still and given[0].num_frames == 1
    named = f"{sources[0].stem}-{name}"
    suffix = ".png" if is_still else ".mp4"
    run(Options(prompt=prompt, stem=named, suffix=suffix, sources=sources, **_renamed(options)), lay)


def _refuse_seconds(options: dict[str, Any]) -> None:
    from misora.core.errors import UsageError

    if options["seconds"] is not None:
        raise UsageError("the length of a loop follows from its clip and --gap; leave --seconds out")


def _renamed(options: dict[str, Any]) -> dict[str, Any]:
    """The options of the command as those of the room."""
    names = {"json": "is_json", "dry_run": "is_dry_run", "private": "is_private", "expand": "is_expanded"}
    return {names.get(name, name): value for name, value in options.items()}


def _clip(path: Path) -> Clip:
    from misora.generate.source import open_clip

    return open_clip(path)
