"""The moderator: asks every judge that policy names, and lets policy decide. Every door calls it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import torch

from misora.core.errors import JudgeError, MisoraError, PolicyError
from misora.model.text import TextEncoder
from misora.trust.consent import ConsentStore, Kind
from misora.trust.decision import Decision, decide
from misora.trust.findings import Finding, FrameJudge, Prompt, PromptJudge
from misora.trust.hash_judge import HashJudge
from misora.trust.lexicon import Lexicon
from misora.trust.name_judge import NameJudge, replaced
from misora.trust.plugins import plugged_in
from misora.trust.policy import Policy, Stage, load_policy
from misora.trust.readings import readings
from misora.trust.remote_judges import GuardJudge, OpenAIJudge
from misora.trust.semantic import SemanticJudge
from misora.trust.word_judge import WordJudge
from misora.video.clip import Clip

_SEXUAL = 0.5  # from here on a text counts as sexual, when a name or a child stands beside it
_SEXUAL_WITH_MINOR = 0.35
_LIKENESS = 0.6
_CARD_WORDS = 4
_J = TypeVar("_J")


class Moderator:
    """Judges words and frames by a policy; made once, asked often."""

    def __init__(
        self,
        policy: Policy,
        *,
        encoder: TextEncoder | None = None,
        consents: ConsentStore | None = None,
        prompt_judges: Sequence[PromptJudge] = (),
        frame_judges: Sequence[FrameJudge] = (),
    ) -> None:
        """Read the lists; the text encoder is loaded when the first prompt comes.

        Args:
            policy: what may be made.
            encoder: the frozen text encoder, where one is loaded already.
            consents: who agreed; those of this installation when not given.
            prompt_judges: further judges of words, that policy names.
            frame_judges: judges of frames, such as a classifier of images, that policy names.

        Raises:
            PolicyError: if a list has an error, or speaks of a category that policy lacks.
        """
        self.policy = policy
        self.consents = consents or ConsentStore()
        self._encoder = encoder
        self._words = WordJudge(policy.list_path("words"))
        self._names = NameJudge(policy.list_path("names"))
        self._hashes = HashJudge(policy.list_path("hashes"), max_distance=policy.frames.max_distance)
        plugged = plugged_in(policy)
        self._given = plugged.prompts | {judge.name: judge for judge in prompt_judges}
        self._frames = {"hashes": self._hashes} | plugged.frames | {judge.name: judge for judge in frame_judges}
        lists = (
            (policy.list_path("words"), self._words.categories),
            (policy.list_path("hashes"), self._hashes.categories),
        )
        for path, categories in lists:
            if unknown := categories - set(policy.categories):
                raise PolicyError(
                    f"{path} speaks of {', '.join(sorted(unknown))}, which {policy.path} does not know; "
                    "add the category to the policy or change the list"
                )

    @classmethod
    def load(cls, policy: Policy | Path | str | None = None, **parts: object) -> Moderator:
        """Make a moderator.

        Args:
            policy: a policy, or its file; see `policy_path` for where none is given.
            **parts: as the class takes them.

        Returns:
            The moderator.

        Raises:
            PolicyError: if the policy or a list has an error, with the line.
        """
        return cls(policy if isinstance(policy, Policy) else load_policy(policy), **parts)  # type: ignore[arg-type]

    def lend(self, encoder: TextEncoder) -> None:
        """Spare the loading of another text encoder.

        Args:
            encoder: one that is loaded already; they are all the same frozen one.
        """
        self._encoder = self._encoder or encoder

    def prompt(
        self,
        text: str | Sequence[str],
        *,
        stage: Stage = "prompt",
        role: str | None = None,
        parents: Sequence[str] = (),
        user: str = "",
    ) -> Decision:
        """Decide about words.

        Args:
            text: one prompt, or the cards of a storyboard; cards are judged one by one and joined.
            stage: prompt (as typed) or expanded (as rewritten): both are to be judged.
            role: who asks; the policy's default when not given.
            parents: prompts of what is remixed, the oldest first: judged together with this one.
            user: whose consents count.

        Returns:
            The decision, with the texts to go on with: as many as were given.

        Raises:
            UsageError: an unknown role.
            JudgeError: a required judge that cannot answer.
            WeightsError: the text encoder is missing.
        """
        cards = [text] if isinstance(text, str) else list(text)
        wholes = dict.fromkeys([*cards, " ".join(cards), " ".join([*parents, *cards])])
        names = self.consents.names(user)
        found: dict[str, Finding] = {}
        absent: list[str] = []
        for whole in wholes:
            is_fragment = len(cards) > 1 and whole in cards and len(whole.split()) < _CARD_WORDS
            read = readings(whole, self.lexicon)
            prompt = Prompt(text=whole, readings=read, consents=names, is_fragment=is_fragment)
            for finding in self._judge_prompt(prompt, absent):
                if finding.rule not in found or found[finding.rule].score < finding.score:
                    found[finding.rule] = finding
        role = role or self.policy.default_role
        seen = tuple(dict.fromkeys(absent))
        decision = decide(self.policy, list(found.values()), stage=stage, role=role, texts=tuple(cards), absent=seen)
        swaps = [ruling.finding for ruling in decision.rulings if ruling.action == "transform"]
        if not swaps:
            return decision
        return replace(
            decision, texts=tuple(replaced(card, swaps, readings(card, self.lexicon)[-1].text) for card in cards)
        )

    def frames(self, clip: Clip, *, stage: Stage = "output", role: str | None = None) -> Decision:
        """Decide about frames; one that is stopped stops the clip.

        Args:
            clip: what was made, or was given.
            stage: input or output.
            role: who asks; the policy's default when not given.

        Returns:
            The decision, with the frame of the clip that decided.

        Raises:
            UsageError: an unknown role.
            JudgeError: a required judge that cannot answer.
        """
        step = max(1, round(clip.fps / self.policy.frames.rate_hz))
        chosen = sorted({*range(0, clip.num_frames, step), clip.num_frames - 1})
        index = torch.tensor(chosen)
        looked_at = Clip(frames=clip.frames[index], pts_seconds=clip.pts_seconds[index])
        found, absent = [], []
        for name in self._named(("hashes", "images", *self._frames)):
            judge = self._frames.get(name)
            answer = self._ask(name, judge, lambda asked: asked.judge_frames(looked_at), absent)
            found += [replace(f, frame=chosen[f.frame] if f.frame is not None else None) for f in answer]
        role = role or self.policy.default_role
        return decide(self.policy, found, stage=stage, role=role, texts=(), absent=tuple(absent))

    def asset(self, sha256: str, *, kind: Kind, role: str | None = None, user: str = "") -> Decision:
        """Decide about a character, a face or an asset that somebody wants to use: only with a consent that holds.

        Args:
            sha256: of the file.
            kind: what it is said to be.
            role: who asks.
            user: who wants to use it.

        Returns:
            The decision at the stage of inputs.

        Raises:
            UsageError: an unknown role, or a file of consents that cannot be read.
        """
        missing = (
            []
            if self.consents.covers(sha256, user)
            else [
                Finding(
                    category="likeness", score=1.0, rule=f"consent/{kind}", evidence=f"no consent covers {sha256[:16]}…"
                )
            ]
        )
        role = role or self.policy.default_role
        return decide(self.policy, missing, stage="input", role=role, texts=(), absent=())

    @cached_property
    def lexicon(self) -> Lexicon:
        """Which strings are words: the text encoder's and the lists'."""
        return Lexicon(self.text_encoder.words(), self._words.vocabulary() | self._names.vocabulary())

    @cached_property
    def text_encoder(self) -> TextEncoder:
        """The frozen text encoder, loaded when it is first needed."""
        return self._encoder or TextEncoder()

    @cached_property
    def _judges(self) -> dict[str, PromptJudge]:
        built: dict[str, PromptJudge] = {"words": self._words, "names": self._names}
        modes = {name: settings.mode for name, settings in self.policy.judges.items()}
        if modes.get("semantic", "off") != "off":
            built["semantic"] = SemanticJudge(self.text_encoder)
        if modes.get("openai", "off") != "off" and self.policy.judges["openai"].has_key:
            built["openai"] = OpenAIJudge(self.policy.judges["openai"])
        if modes.get("guard", "off") != "off" and self.policy.judges["guard"].has_key:
            built["guard"] = GuardJudge(self.policy.judges["guard"], self.policy.categories)
        return built | self._given

    def _judge_prompt(self, prompt: Prompt, absent: list[str]) -> list[Finding]:
        found: list[Finding] = []
        frame_only = {"hashes", "images", *self._frames} - set(self._judges)
        for name in self._named(tuple(self.policy.judges)):
            if name not in frame_only:
                judge = self._judges.get(name)
                found += self._ask(name, judge, lambda asked: asked.judge_prompt(prompt), absent)
        return found + self._together(prompt, found)

    def _together(self, prompt: Prompt, found: list[Finding]) -> list[Finding]:
        """See what only two findings say: a sexual text with a child, or with a real person."""
        sexual = max((f.score for f in found if f.category in ("sexual", "nonconsensual")), default=0.0)
        likeness = max((f.score for f in found if f.category == "likeness"), default=0.0)
        both = []
        if sexual >= _SEXUAL_WITH_MINOR and self._words.mentions_minor(prompt):
            score = max(sexual, 0.5) if sexual >= _SEXUAL else sexual
            both.append(Finding(category="sexual_minors", score=score, rule="together/sexual_minors"))
        if sexual >= _SEXUAL and likeness >= _LIKENESS:
            both.append(Finding(category="nonconsensual", score=max(sexual, likeness), rule="together/nonconsensual"))
        return both

    def _named(self, names: Sequence[str]) -> list[str]:
        return [
            name
            for name in dict.fromkeys(names)
            if name in self.policy.judges and self.policy.judges[name].mode != "off"
        ]

    def _ask(
        self, name: str, judge: _J | None, question: Callable[[_J], Sequence[Finding]], absent: list[str]
    ) -> Sequence[Finding]:
        if judge is None:
            if self.policy.judges[name].mode == "required":
                raise JudgeError(
                    f"judge {name} is required by {self.policy.path} and not there; give it, or change the policy"
                )
            absent.append(name)
            return ()
        try:
            found = tuple(question(judge))
        except MisoraError:
            raise
        except Exception as error:  # a judge may be anybody's code; whatever it throws, the door must not stand open
            raise JudgeError(
                f"judge {name} failed ({type(error).__name__}: {error}); nothing is made without it"
            ) from error
        if wrong := [f for f in found if f.category not in self.policy.categories or not 0 <= f.score <= 1]:
            raise JudgeError(
                f"judge {name} answered {wrong[0].category!r} with {wrong[0].score}; policy knows no such thing"
            )
        return found
