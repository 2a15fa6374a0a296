"""Spotting words in a transcript that are meant for a model instead of the other party; our rules obey none anyway."""

import re
from collections.abc import Sequence

from core.assistant.masking import folded
from core.recordings.cues import Cue

_ORDERS = re.compile(
    "|".join(
        (
            r"(?:ignor|disregard|forget|olvid|omit|haz caso omiso|no hagas caso)\w*\W+(?:\w+\W+){0,4}?"
            r"(?:instruc|prompt|reglas|rules|indicaciones|ordenes)",
            r"system prompt|prompt del sistema|mensaje del sistema|system message|developer mode|modo desarrollador",
            r"(?:you are|eres|actua|act)\W+(?:now|ahora|as|como|un|una|a|an)\W+(?:\w+\W+){0,3}?"
            r"(?:assistant|asistente|language model|modelo de lenguaje|ai|ia|llm)\b",
            r"(?:as|como) (?:an? |una? )?(?:ai|ia|language model|modelo de lenguaje)\b",
            r"</?\s*(?:transcript|system|assistant|user|instructions?|facts)\b",
            r"\b(?:assistant|asistente|claude|chatgpt|modelo|model)\s*[:,]\s*"
            r"(?:you must|debes?|ignore|ignora|write|escribe|mark|marca|close|cierra|set|pon)\b",
            r"(?:in|en) (?:the|your|tu|el|su) (?:summary|resumen)\b.{0,60}(?:write|say|include|escrib|pon|incluy|di\b)",
            r"(?:write|say|include|escrib\w*|pon|incluy\w*)\b.{0,60}(?:in|en) (?:the|your|tu|el|su) "
            r"(?:summary|resumen)\b",
            r"injection_suspected|!\[[^\]]*\]\(|=\s*(?:hyperlink|importxml|webservice|cmd)\b",
        )
    ),
    re.DOTALL,
)


def orders_suspected(cues: Sequence[Cue]) -> bool:
    """Whether something said reads like an order to a model or a spreadsheet, in Spanish or English."""
    return any(_ORDERS.search(folded(cue.text)) for cue in cues)
