"""What can go wrong with the stored calls and with files of them."""

from core.errors import PermanentError, TransientError


class StorageFullError(TransientError):
    """The disk holding the calls is full; nothing was changed. Facts: ``path``."""

    code = "calls_storage_full"
    http_status = 507


class TableBusyError(TransientError):
    """Another process held the calls table for too long. Facts: ``path``, ``seconds``."""

    code = "calls_table_busy"


class SourceFileError(PermanentError):
    """A file of calls cannot be read. Facts: ``file``, ``problem``, ``line`` (0 when no line is to blame)."""

    code = "calls_file"
    http_status = 422
