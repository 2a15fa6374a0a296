"""Why a step of a recording is not done; the type and the code say what becomes of it."""

from core.errors import PermanentError, TransientError


class ComplianceMissingError(PermanentError):
    """Webex gives downloads to a compliance officer only, and none is connected. No facts."""

    code = "recording_compliance_missing"


class ComplianceScopeError(PermanentError):
    """The compliance connection was not granted its scope. Facts: ``scope``."""

    code = "recording_compliance_scope"


class ComplianceRoleError(PermanentError):
    """Webex refuses the compliance connection although it holds the scope: the role is missing. Facts: ``person``."""

    code = "recording_compliance_role"


class DownloadPreventedError(PermanentError):
    """Webex gives a compliance officer no links: *Prevent downloading* is on for this recording. No facts."""

    code = "recording_download_prevented"


class NotReadyError(TransientError):
    """A young recording without links: Webex is still working on it. No facts."""

    code = "recording_not_ready"


class MetadataMissingError(TransientError):
    """Webex has no metadata of it, or not yet. No facts."""

    code = "recording_metadata_missing"


class TranscriptLateError(TransientError):
    """A young recording whose transcript Webex has not made yet. No facts."""

    code = "recording_transcript_late"


class NoTranscriptError(PermanentError):
    """Webex made no transcript, and nobody else is set up to make one. No facts."""

    code = "recording_no_transcript"


class NoAudioError(PermanentError):
    """A transcript would have to be heard from audio that is not here. No facts."""

    code = "recording_no_audio"


class NeedsTranscriptError(PermanentError):
    """The step rests on a transcript that is not here yet. No facts."""

    code = "recording_needs_transcript"


class WrongContentError(TransientError):
    """Something else came in place of the file, often a page that wants a sign-in. Facts: ``found``."""

    code = "recording_wrong_content"


class SizeDiffersError(TransientError):
    """The file is not as long as was promised: cut on its way, or another one. Facts: ``promised``, ``received``."""

    code = "recording_size_differs"


class UndecodableAudioError(TransientError):
    """The file looks like audio and cannot be decoded. Facts: ``problem``."""

    code = "recording_undecodable"


class ImplausibleAudioError(PermanentError):
    """The file claims what no recording of a call has, and is not decoded. Facts: ``told``, in Hz or hours."""

    code = "recording_implausible_audio"


class GoneError(PermanentError):
    """Webex does not have it any more: deleted there, or past its retention. No facts."""

    code = "recording_gone"


class StepDiedError(PermanentError):
    """The process died in this step again and again; it is left alone until somebody asks. Facts: ``times``."""

    code = "recording_step_died"


class DeletionUnderWayError(PermanentError):
    """Webex is being asked to delete it at this moment, so that nobody can tell yet what to take back. No facts."""

    code = "recording_deletion_under_way"
    http_status = 409
