"""A recording heard in a real browser: by link, mouse and key, the line being spoken lit, nothing from outside."""

import wave
from math import pi, sin
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from core.store.models.recordings import RecordingPlayRow
from tests.browser.conftest import Product, Watched, sign_in
from tests.recordings.rows import recording, store
from tests.waiting import until

pytestmark = pytest.mark.browser

WAIT = 30_000
RATE, SECONDS = 8000, 20
HOSTILE = "<img src=x onerror=alert(1)>"


def tone(path: Path) -> int:
    """A file of sound that any browser plays; gives its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = (int(9000 * sin(2 * pi * 440 * place / RATE)) for place in range(RATE))
    second = b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(second * SECONDS)
    return path.stat().st_size


def heard(product: Product) -> int:
    """The number of a recording with twenty seconds of sound and four turns."""
    services = product.services
    size = tone(services.settings.data_dir / "recordings" / "browser.wav")
    said = [("Ana", f"turn {number} {HOSTILE}") for number in range(4)]
    row = recording(
        7001, at=services.clock.now(), audio_path="recordings/browser.wav", audio_bytes=size, audio_type="audio/wav",
        audio_seconds=float(SECONDS), waveform=bytes([206, 50] * 400), caller_name=HOSTILE,
    )  # fmt: skip
    with services.database.write() as session:
        return store(session, row, said).id


def test_it_plays_from_where_one_reads_and_lights_what_is_said(desk: Watched, product: Product) -> None:
    number = heard(product)
    page = sign_in(desk, "analyst", f"/recordings?recording={number}&cue=2")
    player = page.locator(".st-key-recording_player")
    lines, lit, time = player.locator(".cues button"), player.locator("[aria-current] .at"), player.locator(".time")
    expect(lines).to_have_count(4, timeout=WAIT)
    expect(lit).to_have_text("0:10")
    expect(lines.first).to_contain_text(HOSTILE)
    assert page.locator("img[src=x]").count() == 0
    lines.nth(1).click()
    expect(player.locator(".play")).to_contain_text("Pause", timeout=WAIT)
    expect(time).to_have_text("0:06 / 0:20", timeout=WAIT)
    expect(lit).to_have_text("0:05")
    player.locator(".wave").focus()
    page.keyboard.press(" ")
    expect(player.locator(".play")).to_contain_text("Play")
    page.keyboard.press("End")
    expect(time).to_have_text("0:20 / 0:20")
    expect(lit).to_have_text("0:15")
    page.keyboard.press("Home")
    expect(time).to_have_text("0:00 / 0:20")
    page.locator(".st-key-hear_item_0 button").first.click()
    expect(lit).to_have_text("0:10", timeout=WAIT)
    expect(player.locator(".play")).to_contain_text("Pause", timeout=WAIT)

    def plays() -> list[str]:
        with product.services.database.read() as session:
            return list(session.scalars(select(RecordingPlayRow.kind).where(RecordingPlayRow.recording_id == number)))

    assert until(plays) == ["play"], "one link, noted once, however often the player came back"
