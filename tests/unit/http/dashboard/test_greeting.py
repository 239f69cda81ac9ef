"""The greeting of a number on its page: to listen to, to replace, and to take back."""

from typing import Any

import httpx
import pytest

from renvoi.adapters.audio import read_greeting
from renvoi.application.ports.numbers import Greeting
from tests.support.dashboard_api import Pages, text_of
from tests.support.http_api import FOREIGN, NUMBER
from tests.unit.adapters.test_audio import tone, wav

PATH = f"/numbers/{NUMBER}"
SPEECH = wav(tone(1.0))


@pytest.fixture
def pages() -> Pages:
    return Pages()


def greeting(pages: Pages) -> Any:
    return pages.read(lambda reader: reader.greeting(NUMBER))


def upload(pages: Pages, content: bytes, version: str = '"included"', **keywords: Any) -> httpx.Response:
    files = {"file": ("greeting.wav", content, "audio/wav")}
    return pages.submit(f"{PATH}/greeting", {"version": version}, page=PATH, files=files, **keywords)


def test_a_greeting_is_uploaded_heard_and_taken_back(pages: Pages) -> None:
    assert "Callers hear the included greeting." in text_of(pages.visit(PATH))
    assert pages.visit(f"{PATH}/greeting.wav").status_code == 404
    answer = upload(pages, SPEECH)
    assert (answer.status_code, answer.headers["location"]) == (303, PATH)
    shown = pages.visit(PATH).text
    assert f'<audio controls preload="none" src="{PATH}/greeting.wav"' in shown
    heard = pages.visit(f"{PATH}/greeting.wav")
    assert (heard.content, heard.headers["content-type"]) == (read_greeting(SPEECH), "audio/wav")
    part = pages.visit(f"{PATH}/greeting.wav", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    assert pages.submit(f"{PATH}/greeting/reset", {}, page=PATH).status_code == 303
    assert greeting(pages) is None


def test_the_included_greeting_can_say_the_number(pages: Pages) -> None:
    assert pages.submit(f"{PATH}/greeting/reset", {"speak_number": "yes"}, page=PATH).status_code == 303
    found = greeting(pages)
    assert isinstance(found, Greeting)
    assert found.audio is None
    assert "which says the number" in text_of(pages.visit(PATH))


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Choose a file first."), ("fr", "Choisissez d’abord un fichier.")]
)
def test_without_a_file_it_says_to_choose_one(pages: Pages, language: str, text: str) -> None:
    answer = upload(pages, b"", language=language)
    assert answer.status_code == 422
    assert f'id="f-file-error">{text}' in answer.text


def test_what_is_no_audio_is_told_beside_the_file(pages: Pages) -> None:
    answer = upload(pages, b"<script>alert(1)</script>")
    assert answer.status_code == 422
    assert 'id="f-file-error"' in answer.text
    assert "<script>alert" not in answer.text
    assert greeting(pages) is None


def test_a_greeting_of_another_tab_is_not_replaced_unseen(pages: Pages) -> None:
    assert upload(pages, SPEECH).status_code == 303
    first = greeting(pages)
    assert upload(pages, wav(tone(2.0))).status_code == 412
    assert pages.submit(f"{PATH}/greeting/reset", {"version": '"included"'}, page=PATH).status_code == 412
    assert greeting(pages) == first


def test_a_form_of_another_session_changes_nothing(pages: Pages) -> None:
    files = {"file": ("greeting.wav", SPEECH, "audio/wav")}
    answer = pages.visit(f"{PATH}/greeting", method="POST", data={"csrf": "x"}, files=files)
    assert answer.status_code == 403
    assert greeting(pages) is None


def test_numbers_of_others_have_no_greeting_here(pages: Pages) -> None:
    assert pages.visit(f"/numbers/{FOREIGN}/greeting.wav").status_code == 404
    assert pages.submit(f"/numbers/{FOREIGN}/greeting/reset", {}, page=PATH).status_code == 404
