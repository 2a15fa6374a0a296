"""The shape of a sound file to draw, decoded in the sidecar only: the web process never loads a decoder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.recordings.errors import UndecodableAudioError

PEAKS = 800
_RATE = 8000
_CHUNK_FRAMES = 80_000
_LONGEST_SECONDS = 12 * 3600
_STRETCH = 400
"""Frames of a first, fine division: a twentieth of a second."""

Levels = NDArray[np.int16]


@dataclass(frozen=True)
class Waveform:
    """``peaks`` holds pairs of signed bytes, lowest and highest level of each of at most ``PEAKS`` stretches."""

    peaks: bytes
    seconds: float


def waveform(path: Path) -> Waveform:
    """Decode a file piece by piece. Raises ``UndecodableAudioError`` for one without sound that can be heard."""
    import miniaudio

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
                raise UndecodableAudioError(problem="length")
    except (miniaudio.MiniaudioError, OSError) as error:
        raise UndecodableAudioError(problem=type(error).__name__) from error
    if not frames:
        raise UndecodableAudioError(problem="empty")
    return Waveform(_peaks(np.concatenate(lows), np.concatenate(highs)), frames / _RATE)


def _peaks(lows: Levels, highs: Levels) -> bytes:
    """The fine division brought down to ``PEAKS``."""
    starts = np.unique(np.linspace(0, len(lows), PEAKS, endpoint=False, dtype=np.int64))
    pairs = np.column_stack([np.minimum.reduceat(lows, starts) >> 8, np.maximum.reduceat(highs, starts) >> 8])
    return pairs.astype(np.int8).tobytes()
