"""The nodes of Kratos's forms: inputs, buttons, images, texts and links."""

from sandbox.kratos.identities import Json


def field(
    group: str,
    name: str,
    kind: str,
    *,
    label: Json | None = None,
    value: object = None,
    **attributes: object,
) -> Json:
    """Return an input. `attributes` are its others, such as `required=True`."""
    shown: Json = {"name": name, "type": kind}
    if value is not None:
        shown["value"] = value
    shown |= attributes | {"disabled": False, "node_type": "input"}
    return _node("input", group, shown, label=label)


def button(group: str, name: str, value: str, *, label: Json) -> Json:
    """Return a button that submits the form."""
    return field(group, name, "submit", label=label, value=value)


def hidden(group: str, name: str, value: object) -> Json:
    """Return an input that nobody sees."""
    return field(group, name, "hidden", value=value)


def csrf(token: str) -> Json:
    """Return the anti-CSRF token; an API flow's is empty."""
    return field("default", "csrf_token", "hidden", value=token, required=True)


def image(group: str, node_id: str, source: str, *, label: Json, size: int) -> Json:
    """Return a square picture."""
    attributes: Json = {
        "src": source,
        "id": node_id,
        "width": size,
        "height": size,
        "node_type": "img",
    }
    return _node("img", group, attributes, label=label)


def text(group: str, node_id: str, content: Json, *, label: Json) -> Json:
    """Return a text to be read, with its label."""
    attributes: Json = {"text": content, "id": node_id, "node_type": "text"}
    return _node("text", group, attributes, label=label)


def anchor(group: str, node_id: str, href: str, *, label: Json) -> Json:
    """Return a link."""
    attributes: Json = {
        "href": href,
        "title": label,
        "id": node_id,
        "node_type": "a",
    }
    return _node("a", group, attributes, label=label)


def _node(kind: str, group: str, attributes: Json, *, label: Json | None) -> Json:
    return {
        "type": kind,
        "group": group,
        "attributes": attributes,
        "messages": [],
        "meta": {"label": label} if label else {},
    }
