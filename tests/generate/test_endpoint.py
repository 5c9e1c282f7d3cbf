"""Prompts expanded by an endpoint: a real server on this machine that answers well, badly, slowly or not at all."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from misora.core.errors import EndpointError, UsageError
from misora.generate.endpoint import KEY_NAME, expand_by_endpoint
from misora.generate.expand import Expansion
from misora.generate.prompt import MAX_CHARACTERS

LONGER = "A red ball rolls to the left across a green floor in bright light."


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, and no proxy between us and ourselves."""
    monkeypatch.delenv(KEY_NAME, raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]) -> Iterator[str]:
    """The base address of an endpoint that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer(self, {"path": self.path, "key": self.headers.get("Authorization"), **body})

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/v1"
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def reply(handler: BaseHTTPRequestHandler, data: bytes, status: int = 200, **headers: str) -> None:
    """Send an answer, though nobody may be listening any more."""
    try:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
    except OSError:
        pass


def chat(text: Any) -> bytes:
    """An answer in the form of chat completions."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()


def test_a_prompt_is_asked_for_without_tools_and_comes_back_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def answer(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        asked.append(body)
        reply(handler, chat(f'"{LONGER}"\n'))

    monkeypatch.setenv(KEY_NAME, "secret")
    with server(answer) as url:
        made = expand_by_endpoint("ein roter Ball rollt nach links", url, model="small", seed=5)
        assert expand_by_endpoint("x", f"{url}/chat/completions").prompt == LONGER
    assert made == Expansion(
        prompt=LONGER, raw="ein roter Ball rollt nach links", by="http://127.0.0.1/v1/chat/completions"
    )
    assert asked[0]["path"] == asked[1]["path"] == "/v1/chat/completions"
    assert asked[0]["key"] == "Bearer secret"
    assert (asked[0]["model"], asked[0]["seed"], asked[0]["stream"]) == ("small", 5, False)
    assert asked[0]["max_tokens"] <= 200
    assert "tools" not in asked[0]
    assert asked[0]["messages"][1] == {"role": "user", "content": "ein roter Ball rollt nach links"}


def test_control_characters_are_stripped_and_a_long_answer_is_cut_at_a_sentence() -> None:
    with server(lambda handler, _: reply(handler, chat("A red\x1b[31m ball\u202e\n\n rolls\x00."))) as url:
        assert expand_by_endpoint("x", url).prompt == "A red [31m ball rolls ."
    with server(lambda handler, _: reply(handler, chat(f"{LONGER} " * 20))) as url:
        text = expand_by_endpoint("x", url).prompt
    assert len(text) <= MAX_CHARACTERS
    assert text.endswith("bright light.")
    with server(lambda handler, _: reply(handler, chat("x" * 5000))) as url:
        assert expand_by_endpoint("x", url).prompt == "x" * MAX_CHARACTERS


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<html>", "form of chat completions"),
        (b"[1, 2]", "form of chat completions"),
        (b'{"choices": []}', "form of chat completions"),
        (b"[" * 5000, "form of chat completions"),
        (chat(None), "a NoneType instead of text"),
        (chat([{"text": "x"}]), "a list instead of text"),
        (chat(" \n\x00 "), "nothing that could be a prompt"),
        (chat("x" * 200_000), "more than 64 KiB"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused(data: bytes, words: str) -> None:
    with server(lambda handler, _: reply(handler, data)) as url, pytest.raises(EndpointError, match=words):
        expand_by_endpoint("x", url)


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_an_error_is_told_with_its_number(status: int) -> None:
    answer = f"answered {status} "
    with server(lambda handler, _: reply(handler, b"{}", status)) as url, pytest.raises(EndpointError, match=answer):
        expand_by_endpoint("x", url)


def test_a_redirection_is_not_followed() -> None:
    seen: list[str] = []

    def answer(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        seen.append(body["path"])
        reply(handler, b"", 307, Location="/elsewhere")

    with server(answer) as url, pytest.raises(EndpointError, match="answered 307"):
        expand_by_endpoint("x", url)
    assert len(seen) == 1


def test_a_late_answer_and_one_that_drips_are_given_up() -> None:
    released = threading.Event()

    def late(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        released.wait(5)
        reply(handler, chat("x"))

    def dripping(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not released.wait(0.05):
                handler.wfile.write(b" ")
                handler.wfile.flush()
        except OSError:
            pass

    for answer in (late, dripping):
        released.clear()
        start = time.monotonic()
        with server(answer) as url:
            with pytest.raises(EndpointError, match=r"did not answer within 0\.3 s"):
                expand_by_endpoint("x", url, timeout_seconds=0.3)
            released.set()
        assert time.monotonic() - start < 5


def test_a_server_that_is_not_there_is_told() -> None:
    with server(lambda *_: None) as url:
        pass
    with pytest.raises(EndpointError, match=r"cannot reach 127\.0\.0\.1: .*refused"):
        expand_by_endpoint("x", url)


@pytest.mark.parametrize(
    "url", ["", "localhost", "ftp://host/v1", "file:///etc/passwd", "http://", "http://u:p@host/v1", "http://host:x/v1"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="an endpoint has an address like"):
        expand_by_endpoint("x", url)


def test_a_key_is_not_sent_over_an_open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_NAME, "secret")
    with pytest.raises(UsageError, match="over an open line") as refused:
        expand_by_endpoint("x", "http://models.example/v1")
    assert "secret" not in str(refused.value)
