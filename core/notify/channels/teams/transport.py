"""Sending an Adaptive Card to the webhook of a Teams workflow."""

from core.notify.card import CONTENT_TYPE, card
from core.notify.notice import Order, Receipt
from core.notify.outbound import post_json

VERSION = "1.4"


def send(order: Order) -> Receipt:
    """One card; the workflow answers 202 when it has it."""
    attachment = {"contentType": CONTENT_TYPE, "contentUrl": None, "content": card(order.notice, version=VERSION)}
    content = {"type": "message", "attachments": [attachment]}
    return Receipt(post_json(order.services, order.values["url"], content).said())
