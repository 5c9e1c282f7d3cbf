"""What judges say, and the protocols by which they are plugged in."""

from collections.abc import Sequence

from misora.trust.findings import Finding, FrameJudge, Prompt, PromptJudge
from misora.trust.readings import Reading
from misora.video.clip import Clip


class Both:
    name = "mine"

    def judge_prompt(self, prompt: Prompt, /) -> Sequence[Finding]:
        return [Finding(category="hate", score=1.0, rule="mine/x", evidence=prompt.readings[0].words)]

    def judge_frames(self, clip: Clip, /) -> Sequence[Finding]:
        return [Finding(category="hate", score=1.0, rule="mine/x", frame=clip.num_frames - 1)]


def test_anybody_can_write_a_judge() -> None:
    judge = Both()
    assert isinstance(judge, PromptJudge)
    assert isinstance(judge, FrameJudge)
    assert not isinstance(object(), PromptJudge)
    prompt = Prompt(text="a", readings=(Reading(name="plain", text="a", words="a", share=1.0),))
    [finding] = judge.judge_prompt(prompt)
    assert (finding.evidence, finding.frame, finding.instead) == ("a", None, "")
