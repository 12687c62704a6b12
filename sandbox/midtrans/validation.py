"""Check a Snap request as Midtrans does, and a little more strictly.

Midtrans accepts order ids with spaces or slashes and cannot find them afterwards;
here they are refused, so that a test shows the mistake.
"""

import re
from typing import Any

from sandbox.midtrans.ledger import UNIT_MINUTES
from sandbox.midtrans.methods import Json

ORDER_ID = re.compile(r"[A-Za-z0-9._~-]+")
MAX_TEXT = 50
MAX_URL = 255
UNEQUAL = "transaction_details.gross_amount is not equal to the sum of item_details"


def request_errors(body: object) -> list[str]:
    """Return what is wrong with a Snap request, in Midtrans's words where known."""
    if not isinstance(body, dict):
        return ["request body must be a JSON object"]
    details = body.get("transaction_details")
    if not isinstance(details, dict):
        return ["transaction_details is required"]
    errors = _order_id_errors(details.get("order_id"))
    errors += _amount_errors(details.get("gross_amount"))
    errors += _item_errors(body.get("item_details"))
    errors += _finish_errors(body) + _expiry_errors(body)
    return errors or _sum_errors(details, body.get("item_details"))


def _order_id_errors(order_id: Any) -> list[str]:
    name = "transaction_details.order_id"
    if not order_id:
        return [f"{name} is required"]
    if not isinstance(order_id, str):
        return [f"{name} must be a string"]
    if len(order_id) > MAX_TEXT:
        return [f"{name} is too long (maximum is {MAX_TEXT} characters)"]
    if not ORDER_ID.fullmatch(order_id):
        return [f"{name} contains invalid characters"]
    return []


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _amount_errors(amount: Any) -> list[str]:
    name = "transaction_details.gross_amount"
    if amount is None:
        return [f"{name} is required"]
    if not _is_integer(amount):
        return [f"{name} is not an integer"]
    if amount < 1:
        return [f"{name} must be greater than or equal to 0.01"]
    return []


def _item_errors(items: Any) -> list[str]:
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        return ["item_details must be an array"]
    errors = []
    for item in items:
        errors += _one_item_errors(item)
    ids = [item.get("id") for item in items if item.get("id")]
    if len(ids) != len(set(ids)):
        errors.append("item_details.id must be unique")
    return errors


def _one_item_errors(item: Json) -> list[str]:
    errors = [
        f"item_details.{name} is required"
        for name in ("name", "price", "quantity")
        if item.get(name) in (None, "")
    ]
    errors += [
        f"item_details.{name} is too long (maximum is {MAX_TEXT} characters)"
        for name in ("id", "name", "brand", "category", "merchant_name", "url")
        if len(str(item.get(name) or "")) > MAX_TEXT
    ]
    if "|" in str(item.get("name", "")):
        errors.append("item_details.name contains invalid characters")
    if not errors and not (
        _is_integer(item["price"]) and _is_integer(item["quantity"])
    ):
        errors.append("item_details.price and quantity must be integers")
    elif not errors and item["quantity"] < 1:
        errors.append("item_details.quantity must be greater than or equal to 1")
    return errors


def _finish_errors(body: Json) -> list[str]:
    callbacks = body.get("callbacks") or {}
    return [
        f"callbacks.{name} is too long (maximum is {MAX_URL} characters)"
        for name in ("finish", "error")
        if len(str(callbacks.get(name) or "")) > MAX_URL
    ]


def _expiry_errors(body: Json) -> list[str]:
    errors = []
    for name in ("expiry", "page_expiry"):
        limit = body.get(name) or {}
        unit = str(limit.get("unit", "minute")).lower().removesuffix("s")
        if unit not in UNIT_MINUTES:
            errors.append(f"{name}.unit is invalid")
        if limit and not _is_integer(limit.get("duration")):
            errors.append(f"{name}.duration is invalid")
    return errors


def _sum_errors(details: Json, items: Any) -> list[str]:
    if not items:
        return []
    total = sum(item["price"] * item["quantity"] for item in items)
    return [] if total == details["gross_amount"] else [UNEQUAL]
