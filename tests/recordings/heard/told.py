"""What Claude's place answers about the call of these tests, and the call."""

import json
from typing import Any

from core.recordings.cues import Conversation, Cue, Party

PARTIES = (Party("caller", "Ana Núñez", "+573167046747"), Party("agent", "Luis Díaz", "4410", "luis.diaz@acme.com"))
TURNS = (
    ("Luis Díaz", "Buenos días, gracias por llamar, habla Luis Díaz de soporte."),
    ("Ana Núñez", "La línea de la sede norte se corta desde el lunes, estoy muy molesta."),
    ("Luis Díaz", "Lo lamento. Vamos a enviar un técnico mañana por la mañana."),
    ("Ana Núñez", "Mi correo es ana.nunez@acme.com.co y mi tarjeta es 4111 1111 1111 1111."),
    ("Luis Díaz", "Gracias, Ana. Le confirmo por correo antes del viernes."),
)


def conversation(*more: str) -> Conversation:
    """Ana tells Luis that her line is cut; then what else she says."""
    turns = [*TURNS, *(("Ana Núñez", text) for text in more)]
    cues = [Cue(at * 5000, at * 5000 + 4000, speaker, text) for at, (speaker, text) in enumerate(turns)]
    return Conversation(cues, PARTIES, "es")


def claim(text: str, cue: int, quote: str) -> dict[str, Any]:
    """A sentence with what it rests on."""
    return {"text": text, "cue": cue, "quote": quote}


def summary(**changes: Any) -> str:
    """A well-formed answer about the call, with ``changes``."""
    fields = {
        "summary": [
            claim("<CALLER_1> reporta que la línea de la sede norte se corta.", 1, "se corta desde el lunes"),
            claim("<AGENT_1> enviará un técnico.", 2, "Vamos a enviar un técnico"),
        ],
        "bullets": [claim("Dejó su correo <EMAIL_1> y la tarjeta <CARD_1>.", 3, "Mi correo es")],
        "topics": ["línea cortada", "visita técnica"],
        "action_items": [
            {**claim("Enviar un técnico", 2, "enviar un técnico mañana"), "owner": "<AGENT_1>", "due": "mañana"},
            {**claim("Confirmar por correo", 4, "Le confirmo por correo"), "owner": None, "due": None},
        ],
        "sentiment": {"label": "negative", "score": -0.6},
        "language": {"code": "es", "confidence": 0.99},
        "injection_suspected": False,
    }
    return json.dumps({**fields, **changes}, ensure_ascii=False)
