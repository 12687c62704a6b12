"""The mails as a person or a program of the demo reads them."""

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.kratos.identities import normalised
from sandbox.kratos.mail import Mail
from sandbox.kratos.store import Store


def inbox_blueprint(store: Store) -> Blueprint:
    """Return `/sandbox/mails` and the pages of `/sandbox/inbox`."""
    inbox = Blueprint("inbox", __name__, url_prefix="/sandbox")

    @inbox.get("/mails")
    def mails() -> ResponseReturnValue:
        """Return every mail, the oldest first; `?to=` chooses one person's."""
        return jsonify([mail.to_json() for mail in _mails(store)])

    @inbox.get("/inbox")
    def show_all() -> ResponseReturnValue:
        return render_template("inbox.html", mails=list(reversed(_mails(store))))

    @inbox.get("/inbox/<mail_id>")
    def show(mail_id: str) -> ResponseReturnValue:
        for mail in store.mails:
            if mail.id == mail_id:
                return render_template("mail.html", mail=mail)
        return render_template("inbox.html", mails=[]), 404

    return inbox


def _mails(store: Store) -> list[Mail]:
    wanted = normalised(request.args.get("to", ""))
    return [mail for mail in store.mails if not wanted or mail.to == wanted]
