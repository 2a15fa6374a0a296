"""What matters in a transcript by our own rules: weighty turns (TextRank), topics, and what was promised.

TextRank after Mihalcea and Tarau (2004): turns that share words with many others weigh most; numbers, promises and
complaints weigh more, greetings less.
"""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from core.assistant.masking import folded
from core.recordings.cues import Conversation, Cue
from core.recordings.sentiment import LEXICONS, sentiment_of
from core.recordings.summary import ActionItem

MOST_RANKED = 1500
"""Turns compared with each other: of longer calls the longest turns; 1,500 take a tenth of a second."""
_DAMPING, _ROUNDS = 0.85, 30
_SHORTEST_TURN, _SHORTEST_WORD = 4, 4
_BOOST_PROMISE, _BOOST_FEELING, _BOOST_NUMBER, _BOOST_END, _GREETING = 1.4, 1.3, 1.15, 1.2, 0.5
_END_SHARE = 0.85
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE = re.compile(r"[^.!?;]+[.!?;]*")
LONGEST_ITEM, LONGEST_OWNER, LONGEST_DUE = 240, 80, 80


@dataclass(frozen=True)
class _Rules:
    stop_words: frozenset[str]
    promises: re.Pattern[str]
    requests: re.Pattern[str]
    not_promised: re.Pattern[str]
    due: re.Pattern[str]
    greeting: re.Pattern[str]
    named_owner: re.Pattern[str]


def weights_of(cues: Sequence[Cue], language: str) -> list[float]:
    """How much each cue matters, 0 to 1."""
    rules = rules_of(language)
    bags = [_content(cue.text, rules) for cue in cues]
    ranked = sorted(range(len(cues)), key=lambda at: -len(bags[at]))[:MOST_RANKED]
    ranked = sorted(at for at in ranked if len(bags[at]) >= 2)
    weights = [0.0] * len(cues)
    if not ranked:
        return weights
    for at, rank in zip(ranked, _ranks([bags[at] for at in ranked]), strict=True):
        weights[at] = float(rank) * _boost(cues[at].text, at / len(cues), language, rules)
    top = max(weights) or 1.0
    return [weight / top for weight in weights]


def topics_of(conversation: Conversation, most: int = 10) -> list[str]:
    """Words and pairs of words that are said often and say something, the weightiest first; no names of parties."""
    rules = rules_of(conversation.language)
    names = {part for party in conversation.parties for part in _words(party.name)}
    names |= {part for cue in conversation.cues for part in _words(cue.speaker)}
    counts: Counter[str] = Counter()
    surfaces: dict[str, Counter[str]] = {}
    for cue in conversation.cues:
        for term, surface in _terms(cue.text, rules, names):
            counts[term] += 1
            surfaces.setdefault(term, Counter())[surface] += 1
    scored = {term: count * (1 + 0.8 * term.count(" ")) * math.log1p(len(term)) for term, count in counts.items()}
    chosen: list[str] = []
    for term in sorted(scored, key=lambda term: (-scored[term], term)):
        if counts[term] < 2 or any(set(term.split()) & set(_words(known)) for known in chosen):
            continue
        chosen.append(surfaces[term].most_common(1)[0][0])
        if len(chosen) == most:
            break
    return chosen


def action_items_of(conversation: Conversation, most: int = 10) -> list[ActionItem]:
    """What somebody promised or was asked to do, in the order it was said; owner and due where they were said."""
    rules = rules_of(conversation.language)
    items: dict[str, ActionItem] = {}
    for at, cue in enumerate(conversation.cues):
        for sentence in _SENTENCE.findall(cue.text):
            said = sentence.strip()
            plain = folded(said)
            promise, request = rules.promises.search(plain), rules.requests.search(plain)
            if not (promise or request) or rules.not_promised.search(plain) or len(plain.split()) < _SHORTEST_TURN:
                continue
            due = rules.due.search(plain)
            item = ActionItem(
                text=said[:LONGEST_ITEM],
                owner=_owner(conversation, cue, said, rules, is_promise=promise is not None)[:LONGEST_OWNER],
                due=said[due.start() : due.end()].strip(" ,.")[:LONGEST_DUE] if due else "",
                cue=at,
                quote=said[:LONGEST_ITEM],
            )
            items.setdefault(" ".join(_words(said)), item)
    return list(items.values())[:most]


def _owner(conversation: Conversation, cue: Cue, said: str, rules: _Rules, *, is_promise: bool) -> str:
    """Who is to do it: who is named, who speaks when it is promised, the other party when it is asked for."""
    named = rules.named_owner.search(said)
    if named:
        return next(group for group in named.groups() if group)
    if is_promise:
        return cue.speaker
    others = dict.fromkeys(one.speaker for one in conversation.cues if one.speaker and one.speaker != cue.speaker)
    return next(iter(others)) if len(others) == 1 else ""


def _terms(text: str, rules: _Rules, names: set[str]) -> list[tuple[str, str]]:
    """Content words and neighbouring pairs of them: folded, and as they were said."""
    said = _WORD.findall(text)
    keys = [folded(word) for word in said]
    good = [
        len(key) >= _SHORTEST_WORD and key not in rules.stop_words and key not in names and key.isalpha()
        for key in keys
    ]
    singles = [(key, word.lower()) for key, word, is_good in zip(keys, said, good, strict=True) if is_good]
    pairs = [
        (f"{keys[at]} {keys[at + 1]}", f"{said[at]} {said[at + 1]}".lower())
        for at in range(len(said) - 1)
        if good[at] and good[at + 1]
    ]
    return singles + pairs


def _ranks(bags: Sequence[Counter[str]]) -> Any:
    """TextRank of turns as bags of words: cosine likeness, then the stationary weights of a random reader."""
    vocabulary = {word: place for place, word in enumerate(sorted({word for bag in bags for word in bag}))}
    matrix = np.zeros((len(bags), len(vocabulary)), dtype=np.float32)
    for row, bag in enumerate(bags):
        for word, count in bag.items():
            matrix[row, vocabulary[word]] = count
    matrix *= np.log1p(len(bags) / (matrix > 0).sum(axis=0))
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    likeness = matrix @ matrix.T
    np.fill_diagonal(likeness, 0.0)
    totals = likeness.sum(axis=0)
    likeness = np.divide(likeness, totals, out=np.full_like(likeness, 1.0 / len(bags)), where=totals > 0)
    ranks = np.full(len(bags), 1.0 / len(bags))
    for _ in range(_ROUNDS):
        ranks = (1 - _DAMPING) / len(bags) + _DAMPING * (likeness @ ranks)
    return ranks


def _boost(text: str, place: float, language: str, rules: _Rules) -> float:
    plain = folded(text)
    boost = _GREETING if rules.greeting.search(plain) else 1.0
    boost *= _BOOST_PROMISE if rules.promises.search(plain) else 1.0
    boost *= _BOOST_FEELING if sentiment_of(text, language).label != "neutral" else 1.0
    boost *= _BOOST_NUMBER if re.search(r"\d", text) else 1.0
    return boost * (_BOOST_END if place >= _END_SHARE else 1.0)


def _words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def _content(text: str, rules: _Rules) -> Counter[str]:
    return Counter(word for word in _words(text) if len(word) >= _SHORTEST_WORD and word not in rules.stop_words)


@cache
def rules_of(language: str) -> _Rules:
    """The words and patterns of a language; those of English for one that has none of its own."""
    told = tomllib.loads((LEXICONS / "call_rules.toml").read_text(encoding="utf-8"))
    rules = told.get(language) or told["en"]

    def either(name: str, flags: int = 0) -> re.Pattern[str]:
        return re.compile("|".join(f"(?:{pattern})" for pattern in rules[name]), flags)

    return _Rules(
        stop_words=frozenset(rules["stop_words"].split()),
        promises=either("promises"),
        requests=either("requests"),
        not_promised=either("not_promised"),
        due=either("due"),
        greeting=either("greeting"),
        named_owner=either("named_owner"),
    )
