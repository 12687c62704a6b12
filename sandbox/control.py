"""The control paths that every stand-in has, outside the service's own paths."""

from collections.abc import Callable

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.faults import Fault, Faults


def control_blueprint(faults: Faults, reset: Callable[[], None]) -> Blueprint:
    """Return `/sandbox/faults` (POST, DELETE) and `/sandbox/reset` (POST).

    A fault is `{"kind", "seconds", "times", "path"}`; only the kind is needed.
    """
    control = Blueprint("control", __name__, url_prefix="/sandbox")

    @control.post("/faults")
    def switch_on() -> ResponseReturnValue:
        wish = request.get_json()
        if wish.get("kind") not in set(Fault):
            return jsonify(error=f"kind must be one of {', '.join(Fault)}"), 400
        faults.set(
            wish["kind"],
            seconds=float(wish.get("seconds", 0)),
            times=wish.get("times"),
            path=wish.get("path", ""),
        )
        return "", 204

    @control.delete("/faults")
    def switch_off() -> ResponseReturnValue:
        faults.clear()
        return "", 204

    @control.post("/reset")
    def start_over() -> ResponseReturnValue:
        reset()
        return "", 204

    return control
