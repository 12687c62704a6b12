"""The size chart of a product: its own, else that of the nearest category above."""

from decimal import Decimal

from catalog.models import SizeMeasurement
from catalog.services.documents.source import Row, Source, path_prefixes

MEASURES = {measure.value: str(measure.label) for measure in SizeMeasurement.Measure}


def size_chart(product: Row, source: Source) -> Row | None:
    """Return the measurements in centimetres, a row for each size; None without any."""
    cells = source.charts.get(_chart_id(product, source) or 0)
    if not cells:
        return None
    used = {cell["measure"] for cell in cells}
    rows: dict[str, Row] = {}
    for cell in cells:
        row = rows.setdefault(
            cell["size_name"], {"size": cell["size_name"], "measurements": {}}
        )
        row["measurements"][cell["measure"]] = {
            "cm": _number(cell["cm"]),
            "cm_to": _number(cell["cm_to"]),
        }
    return {
        "name": cells[0]["name"],
        "note": cells[0]["note"],
        "measures": [
            {"code": code, "name": name}
            for code, name in MEASURES.items()
            if code in used
        ],
        "rows": list(rows.values()),
    }


def _chart_id(product: Row, source: Source) -> int | None:
    own: int | None = product["size_chart_id"]
    if own is not None:
        return own
    for prefix in reversed(path_prefixes(product["category__path"])):
        above: int | None = source.categories[prefix]["size_chart_id"]
        if above is not None:
            return above
    return None


def _number(value: Decimal | None) -> float | int | None:
    """Return whole centimetres as an integer, halves and tenths as they are."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)
