"""Cells that a spreadsheet would run as a formula, made harmless while telephone numbers stay as they are.

OWASP, "CSV Injection": a cell beginning with ``=``, ``+``, ``-``, ``@``, a tab or a line end, or the full-width forms
of those signs, may run. An apostrophe in front stops it. Signed and E.164 numbers cannot run and are kept.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_RUNS = r"(?s)^(?:[=@\t\r\n＝＋－＠]|[+-](?:$|[^0-9]|[0-9][0-9 .]*[^0-9 .]))"
_SUSPECT_BYTES = np.zeros(256, dtype=bool)
_SUSPECT_BYTES[[*b"=+-@\t\r\n", "＝".encode()[0]]] = True


def harmless(column: pa.Array) -> pa.Array:
    """The strings with an apostrophe before each that would run as a formula.

    Most columns are told safe by the first byte of each cell alone, which costs a hundredth of a regular expression.
    """
    suspects = _suspects(column)
    if not suspects.any():
        return column
    mask = pa.array(suspects)
    cells = column.filter(mask)
    runs = pc.match_substring_regex(cells, _RUNS)
    if not pc.any(runs).as_py():
        return column
    quoted = pc.binary_join_element_wise("'", cells, "")
    return pc.replace_with_mask(column, mask, pc.if_else(runs, quoted, cells))


def _suspects(column: pa.Array) -> npt.NDArray[np.bool_]:
    _, offsets, content = column.buffers()
    if not len(column) or content is None or not content.size:
        return np.zeros(len(column), dtype=bool)
    ends = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    first = np.frombuffer(content, np.uint8)[np.minimum(ends[:-1], content.size - 1)]
    held: npt.NDArray[np.bool_] = _SUSPECT_BYTES[first] & (ends[1:] > ends[:-1])
    if column.null_count:
        held &= column.is_valid().to_numpy(zero_copy_only=False)
    return held
