"""What the search knows of words: which there are, and which mean the same."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class SearchSynonym(models.Model):
    """Words and phrases that customers use for the same thing, in lower case.

    Who looks for one finds the products that say any of them. Only
    `services.synonyms` writes them.
    """

    words = ArrayField(
        models.CharField(max_length=40),
        verbose_name="kata yang sama artinya",
        help_text="Pisahkan dengan koma: jilbab, hijab, kerudung.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "sinonim pencarian"
        verbose_name_plural = "sinonim pencarian"
        ordering = ["words"]
        constraints = [
            models.CheckConstraint(
                name="search_synonym_has_two_words",
                condition=models.Q(words__len__gte=2),
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.words)


class SearchWord(models.Model):
    """A word of a product or a synonym: what a misspelt word may have meant.

    `services.documents` adds those of a product; `rebuild_documents` forgets those that
    are used no more. In the order of bytes, so that a prefix is a range of the index.
    """

    word = models.CharField(max_length=40, primary_key=True, db_collation="C")
    is_name = models.BooleanField(
        default=False, help_text="Stands in a name, a color, a material or a brand."
    )

    class Meta:
        verbose_name = "kata pencarian"
        verbose_name_plural = "kata pencarian"
        ordering = ["word"]
        indexes = [
            GinIndex(
                fields=["word"], opclasses=["gin_trgm_ops"], name="search_word_trigram"
            ),
        ]

    def __str__(self) -> str:
        return self.word
