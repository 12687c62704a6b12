"""The tree: paths, depth, cycles, visibility."""

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Category
from catalog.services import categories

pytestmark = pytest.mark.django_db


def plant(slug: str, parent: Category | None = None) -> Category:
    return categories.save(Category(name=slug.title(), slug=slug, parent=parent))


def path_of(category: Category) -> str:
    return Category.objects.values_list("path", flat=True).get(pk=category.pk)


def test_path_names_every_level_from_the_root() -> None:
    child = plant("gamis", plant("wanita"))
    assert path_of(child) == "wanita/gamis/"


def test_moving_a_category_moves_what_is_below_it() -> None:
    root = plant("hijab")
    branch = plant("instan", root)
    leaf = plant("bergo", branch)
    branch.parent = plant("wanita")
    categories.save(branch)
    assert path_of(leaf) == "wanita/instan/bergo/"


def test_a_category_cannot_move_below_itself() -> None:
    root = plant("hijab")
    root.parent = plant("bergo", plant("instan", root))
    with pytest.raises(categories.CategoryInsideItself):
        categories.save(root)
    assert path_of(root) == "hijab/"


def test_a_fifth_level_is_refused() -> None:
    fourth = plant("d", plant("c", plant("b", plant("a"))))
    with pytest.raises(categories.CategoryTooDeep):
        plant("e", fourth)
    assert Category.objects.count() == 4


def test_a_move_that_pushes_a_child_to_a_fifth_level_is_refused() -> None:
    third = plant("c", plant("b", plant("a")))
    branch = plant("x")
    leaf = plant("y", branch)
    branch.parent = third
    with pytest.raises(categories.CategoryTooDeep):
        categories.save(branch)
    assert path_of(leaf) == "x/y/"


def test_hiding_a_category_hides_what_is_below_it() -> None:
    root = plant("hijab")
    leaf = plant("bergo", plant("instan", root))
    root.is_active = False
    categories.save(root)
    assert not Category.objects.get(pk=leaf.pk).is_visible
    root.is_active = True
    categories.save(root)
    assert Category.objects.get(pk=leaf.pk).is_visible


@pytest.mark.parametrize("slug", ["a_b", "A", "a--b", "-a", "a%"])
def test_the_database_refuses_a_slug_that_is_not_plain(slug: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        plant(slug)
