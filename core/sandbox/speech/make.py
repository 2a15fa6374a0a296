"""Has espeak-ng speak the conversations beside this file: ``python -m core.sandbox.speech.make``.

Needs ``espeak-ng`` and ``lame`` (Debian packages of these names). Writes one MP3 a conversation and ``clips.json``:
language, length, size, and when each turn begins and ends, in milliseconds. The results are checked in, so that
nobody needs to run this.
"""

import io
import json
import subprocess
import sys
import tomllib
import wave
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
_PAUSE_MS = 350
_VOICES = {"es": {"a": "es-419+f2", "c": "es-419+m3"}, "en": {"a": "en-us+f3", "c": "en-us+m2"}}
_SPEED = {"es": "165", "en": "160"}
_KBITS = "16"


def main() -> int:
    """Speak everything anew."""
    clips: dict[str, Any] = {}
    for name, spoken in tomllib.loads((FOLDER / "conversations.toml").read_text(encoding="utf-8")).items():
        sound, turns = _spoken(spoken["language"], spoken["turns"])
        target = FOLDER / f"{name}.mp3"
        subprocess.run(  # noqa: S603 - our own words, no shell
            ["lame", "--quiet", "-m", "m", "-b", _KBITS, "--resample", "16", "-", str(target)],  # noqa: S607
            input=sound,
            check=True,
        )
        seconds = round(turns[-1]["end_ms"] / 1000)
        size = target.stat().st_size
        clips[name] = {"language": spoken["language"], "seconds": seconds, "size": size, "turns": turns}
    (FOLDER / "clips.json").write_text(json.dumps(clips, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(clips)}\n")
    return 0


def _spoken(language: str, turns: list[list[str]]) -> tuple[bytes, list[dict[str, Any]]]:
    """All turns one after the other as WAV, and when each was said."""
    frames, said, at, rate = bytearray(), [], 0, 0
    for who, text in turns:
        voice, rate = _voice(language, who, text)
        length = len(voice) // 2 * 1000 // rate
        frames += voice + bytes(2 * (rate * _PAUSE_MS // 1000))
        said.append({"start_ms": at, "end_ms": at + length, "who": who, "text": text})
        at += length + _PAUSE_MS
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(frames))
    return whole.getvalue(), said


def _voice(language: str, who: str, text: str) -> tuple[bytes, int]:
    """One turn as 16-bit samples of one channel, and their rate."""
    speak = ["espeak-ng", "-v", _VOICES[language][who], "-s", _SPEED[language], "--stdout", text]
    made = subprocess.run(speak, capture_output=True, check=True).stdout  # noqa: S603
    samples = made[made.index(b"data") + 8 :]
    return samples[: len(samples) // 2 * 2], int.from_bytes(made[24:28], "little")


if __name__ == "__main__":
    sys.exit(main())
