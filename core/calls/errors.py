"""What can go wrong with the stored calls and with files of them."""

from core.errors import PermanentError, TransientError
from core.language import DEFAULT_LANGUAGE, Language, translate


class StorageFullError(TransientError):
    """The disk holding the calls is full; nothing was changed. Facts: ``path``."""

    code = "calls_storage_full"
    http_status = 507


class TableBusyError(TransientError):
    """Another process held the calls table for too long. Facts: ``path``, ``seconds``."""

    code = "calls_table_busy"


class CallsTargetError(PermanentError):
    """The folder to restore calls into holds something already. Facts: ``folder``."""

    code = "calls_target"
    http_status = 409


class SourceFileError(PermanentError):
    """A file of calls cannot be read. Facts: ``file``, ``kind`` (a text of ours), ``line`` (0 = none), details."""

    code = "calls_file"
    http_status = 422

    def message(self, language: Language = DEFAULT_LANGUAGE) -> str:
        """The file, the line where one is to blame, and the problem."""
        place = translate("calls_file.line", language, **self.facts) if str(self.facts["line"]) != "0" else ""
        problem = translate(f"calls_file.{self.facts['kind']}", language, **self.facts)
        return translate("errors.calls_file.message", language, file=self.facts["file"], problem=place + problem)
