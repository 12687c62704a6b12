"""Keep in the history what was changed by a form of the admin, as by the tables."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from catalog.models import Product, Variant
from catalog.services import changes
from catalog.services.changes import CREATED, Edit, Source, Why


def record_form(
    request: HttpRequest, form: Any, formsets: Iterable[Any], *, is_new: bool
) -> None:
    """Keep what the form and those inside it changed; nothing if nothing was.

    Must run in the transaction that saves it.
    """
    edits = _edits(form, is_new=is_new)
    for formset in formsets:
        edits += _inside(formset)
    if not edits:
        return
    actor = request.user if isinstance(request.user, User) else None
    verb = "Baru" if is_new else "Ubah"
    why = Why(actor=actor, source=Source.FORM, title=f"{verb}: {form.instance}")
    changes.record(edits, why=why)


def _inside(formset: Any) -> list[Edit]:
    new = {id(row) for row in formset.new_objects}
    removed = {id(row) for row in formset.deleted_objects}
    edits = []
    for form in formset.forms:
        if not form.has_changed() or id(form.instance) in removed:
            continue
        if isinstance(form.instance, Variant):
            edits += _edits(form, is_new=id(form.instance) in new)
        else:
            edits.append(_other(formset, None, str(form.instance)))
    return edits + [_other(formset, str(row), None) for row in formset.deleted_objects]


def _other(formset: Any, before: str | None, after: str | None) -> Edit:
    """Return the entry for a row that is neither product nor variant: a picture."""
    name = str(formset.model._meta.verbose_name)
    return Edit(
        product_id=formset.instance.pk, field=name[:40], before=before, after=after
    )


def _edits(form: Any, *, is_new: bool) -> list[Edit]:
    row: Product | Variant = form.instance
    if is_new:
        return [_edit(row, CREATED, None, str(row))]
    return [
        _edit(row, name, _before(form, name), getattr(row, name, None))
        for name in form.changed_data
        if name in {field.name for field in row._meta.fields}
    ]


def _before(form: Any, name: str) -> Any:
    """Return what the field held: of a related row, its name rather than its key."""
    value, field = form.initial.get(name), form.instance._meta.get_field(name)
    if field.is_relation and value is not None:
        row = field.related_model._default_manager.filter(pk=value).first()
        return str(row) if row else value
    return value


def _edit(row: Product | Variant, name: str, before: Any, after: Any) -> Edit:
    is_variant = isinstance(row, Variant)
    return Edit(
        product_id=row.product_id if isinstance(row, Variant) else row.pk,
        variant_id=row.pk if is_variant else None,
        field=name,
        before=before,
        after=after,
    )
