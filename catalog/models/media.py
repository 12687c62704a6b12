"""Files in the store that nothing shows any more."""

from django.db import models


class DiscardedFile(models.Model):
    """A file that is to be removed from the store.

    The row is written in the transaction that stops showing the file, so that it is
    neither forgotten nor removed too early; it goes when the file is gone.
    """

    name = models.CharField(max_length=255, primary_key=True)
    discarded_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = "berkas yang akan dihapus"
        verbose_name_plural = "berkas yang akan dihapus"
        ordering = ["discarded_at"]

    def __str__(self) -> str:
        return self.name
