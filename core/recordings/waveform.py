"""The shape of a sound file to draw, decoded in the sidecar only: the web process never loads a decoder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.recordings.errors import ImplausibleAudioError, UndecodableAudioError

PEAKS = 800
_RATE = 8000
_CHUNK_FRAMES = 80_000
_LONGEST_HOURS = 12
_LONGEST_SECONDS = _LONGEST_HOURS * 3600
SLOWEST_RATE, FASTEST_RATE = 4000, 48_000
"""Samples a second that sound of a call may have. One second of a file that claims 1 Hz would be drawn from 8,000
made-up samples: a file of 20 MB would keep the sidecar busy for half a minute."""

_STRETCH = 400
"""Frames of a first, fine division: a twentieth of a second."""

Levels = NDArray[np.int16]


@dataclass(frozen=True)
class Waveform:
    """``peaks`` holds pairs of signed bytes, lowest and highest level of each of at most ``PEAKS`` stretches."""

    peaks: bytes
    seconds: float


def waveform(path: Path) -> Waveform:
    """Decode a file piece by piece.

    Raises ``UndecodableAudioError`` for one without sound that can be heard, ``ImplausibleAudioError`` for one that
    claims, or has, what no recording of a call has: then nothing, or no more than twelve hours, is decoded.
    """
    import miniaudio

    _check_claims(path)
    lows: list[Levels] = []
    highs: list[Levels] = []
    frames = 0
    try:
        stream = miniaudio.stream_file(
            str(path),
            output_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=1,
            sample_rate=_RATE,
            frames_to_read=_CHUNK_FRAMES,
        )
        for samples in stream:
            levels = np.frombuffer(samples, dtype=np.int16)
            starts = np.arange(0, len(levels), _STRETCH)
            lows.append(np.minimum.reduceat(levels, starts))
            highs.append(np.maximum.reduceat(levels, starts))
            frames += len(levels)
            if frames > _LONGEST_SECONDS * _RATE:
                raise ImplausibleAudioError(told=f"> {_LONGEST_HOURS} h")
    except (miniaudio.MiniaudioError, OSError) as error:
        raise UndecodableAudioError(problem=type(error).__name__) from error
    if not frames:
        raise UndecodableAudioError(problem="empty")
    return Waveform(_peaks(np.concatenate(lows), np.concatenate(highs)), frames / _RATE)


def _check_claims(path: Path) -> None:
    """What the file's header says of it, where it may say anything; an MP3 names its rate out of a fixed table."""
    import miniaudio

    for read in (miniaudio.wav_get_file_info, miniaudio.flac_get_file_info, miniaudio.vorbis_get_file_info):
        try:
            told = read(str(path))
        except (miniaudio.MiniaudioError, ArithmeticError):
            continue
        if not SLOWEST_RATE <= told.sample_rate <= FASTEST_RATE:
            raise ImplausibleAudioError(told=f"{told.sample_rate} Hz")
        if told.duration > _LONGEST_SECONDS:
            raise ImplausibleAudioError(told=f"{told.duration / 3600:.0f} h")


def _peaks(lows: Levels, highs: Levels) -> bytes:
    """The fine division brought down to ``PEAKS``."""
    starts = np.unique(np.linspace(0, len(lows), PEAKS, endpoint=False, dtype=np.int64))
    pairs = np.column_stack([np.minimum.reduceat(lows, starts) >> 8, np.maximum.reduceat(highs, starts) >> 8])
    return pairs.astype(np.int8).tobytes()
