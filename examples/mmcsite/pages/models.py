from django.db import models


class Note(models.Model):
    """One entry of the guest book."""

    author = models.CharField(max_length=60)
    text = models.TextField(max_length=1000)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-written_at", "-id"]

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"
