"""What can go wrong on the way from sound or a file to what was said."""

from core.errors import PermanentError, TransientError


class TranscriptUnreadableError(PermanentError):
    """What came instead of a transcript is none: a web page, another format, or nothing. Facts: ``problem``."""

    code = "transcript_unreadable"


class TranscriptTooLargeError(PermanentError):
    """The transcript is larger than one of any call. Facts: ``megabytes``."""

    code = "transcript_too_large"


class TranscriptTooLongError(PermanentError):
    """The transcript is longer than what is translated. Facts: ``characters`` (the most)."""

    code = "transcript_too_long"


class TranscriptionBusyError(TransientError):
    """The transcription service did not answer, or is in trouble. Facts: ``problem``."""

    code = "transcription_busy"


class TranscriptionKeyError(PermanentError):
    """The transcription service refused the key. Facts: ``status``."""

    code = "transcription_key"


class TranscriptionRefusedError(PermanentError):
    """The transcription service does not take this recording. Facts: ``status``."""

    code = "transcription_refused"


class TranscriptionTooLargeError(PermanentError):
    """The recording is larger than the service takes. Facts: ``megabytes``."""

    code = "transcription_too_large"


class TranscriptionUnusableError(PermanentError):
    """The service answered with something that is no transcript. Facts: ``problem``."""

    code = "transcription_unusable"


class TranscriptionLanguageError(PermanentError):
    """The offline model understands English alone. Facts: ``spoken`` (its code)."""

    code = "transcription_language"


class AudioUnreadableError(PermanentError):
    """The sound file cannot be decoded. Facts: ``problem``."""

    code = "audio_unreadable"
