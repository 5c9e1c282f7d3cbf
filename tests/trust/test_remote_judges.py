"""Judges that run elsewhere, against a real server in a thread."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from misora.core.errors import JudgeError
from misora.trust.findings import Prompt
from misora.trust.policy import JudgeSettings
from misora.trust.readings import Reading
from misora.trust.remote_judges import GuardJudge, OpenAIJudge, ask

PROMPT = Prompt(text="a ball", readings=(Reading(name="plain", text="a ball", words="a ball", share=1.0),))


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append((json.loads(body), self.headers.get("Authorization")))
        try:
            self._answer(server.answer)
        except OSError:  # the judge has left, as it should
            return

    def _answer(self, answer: Any) -> None:
        if answer == "slow":
            time.sleep(0.6)
        if answer == "drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(8):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.08)
            return
        if answer == "endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b" " * 65536)
            return
        if answer == "hang up":
            return
        if answer == "elsewhere":
            self.send_response(307)
            self.send_header("Location", "/other")
            self.end_headers()
            return
        code, data = answer if isinstance(answer, tuple) else (200, answer)
        self.send_response(code)
        self.end_headers()
        self.wfile.write(data if isinstance(data, bytes) else json.dumps(data).encode())

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def server() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.asked, server.answer = [], {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _settings(server: Any, **words: Any) -> JudgeSettings:
    return JudgeSettings(
        mode="required", url=f"http://127.0.0.1:{server.server_port}/v1", model="m", **{"timeout_seconds": 0.3, **words}
    )


def test_scores_of_the_endpoint_become_ours(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "sk-1")
    scores = {"sexual/minors": 0.7, "violence": 0.9, "violence/graphic": 0.2, "hate": 0.0, "new thing": 1.0}
    server.answer = {"results": [{"category_scores": scores}]}
    found = {f.category: f.score for f in OpenAIJudge(_settings(server, key_env="A_KEY")).judge_prompt(PROMPT)}
    assert found == {"sexual_minors": 0.7, "violence": pytest.approx(0.54)}
    assert server.asked == [({"model": "m", "input": ["a ball"]}, "Bearer sk-1")]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("safe", {}),
        ("unsafe\nS4,S11", {"sexual_minors": 0.9, "self_harm": 0.9}),
        ("unsafe", {"illicit": 0.9}),
        ('Here: {"hate": 0.8, "sexual": 0}', {"hate": 0.8}),
    ],
)
def test_a_guard_model_is_understood(said: str, found: dict[str, float], server: Any) -> None:
    server.answer = {"choices": [{"message": {"content": said}}]}
    judge = GuardJudge(_settings(server), {"hate": 1, "sexual": 1, "illicit": 1})
    assert {f.category: f.score for f in judge.judge_prompt(PROMPT)} == found
    assert "a ball" in server.asked[0][0]["messages"][0]["content"]


@pytest.mark.parametrize(
    "answer",
    [
        "slow", "drip", "endless", "hang up", "elsewhere",
        (500, {}), (429, {}), b"<html>", b"[1]", {}, {"results": []}, {"results": [3]},
        {"results": [{"category_scores": {"hate": "x"}}]}, {"results": [{"category_scores": {"hate": 7}}]},
        {"choices": [{"message": {"content": "I cannot judge this"}}]},
        {"choices": [{"message": {"content": '{"hate": 3}'}}]}, {"choices": [{"message": {"content": '{"fun": 0.3}'}}]},
        {"choices": [{"message": {"content": "[" * 5000}}]},
    ],
)  # fmt: skip
def test_whatever_goes_wrong_is_one_typed_error(answer: Any, server: Any) -> None:
    server.answer = answer
    for judge in (OpenAIJudge(_settings(server)), GuardJudge(_settings(server), {"hate": 1})):
        with pytest.raises(JudgeError, match=r"judge (openai|guard): "):
            judge.judge_prompt(PROMPT)
    assert len(server.asked) == 2  # a redirection is not followed


def test_a_missing_key_or_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_KEY", raising=False)
    settings = JudgeSettings(mode="required", url="http://127.0.0.1:9/", key_env="NO_KEY", timeout_seconds=0.3)
    with pytest.raises(JudgeError, match="has no NO_KEY"):
        ask(settings, {}, name="openai")
    with pytest.raises(JudgeError, match="gave no answer"):
        ask(JudgeSettings(mode="required", url="http://127.0.0.1:9/", timeout_seconds=0.3), {}, name="openai")
