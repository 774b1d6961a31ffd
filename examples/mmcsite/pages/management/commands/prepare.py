"""Brings the site's data up to date: the tables, the collected static files, a first login."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from pages.models import Note


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: object, **options: object) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if not static_is_collected():
            call_command("collectstatic", interactive=False, verbosity=0)
        users = get_user_model().objects
        if not users.exists():
            users.create_superuser("admin", password="admin")
            Note.objects.create(author="mmcsite", text="Welcome. Leave a note if you like.")


def static_is_collected() -> bool:
    """True when every source file has a copy that is not older."""
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            copy = Path(settings.STATIC_ROOT, name)
            if not copy.exists() or copy.stat().st_mtime < Path(storage.path(name)).stat().st_mtime:
                return False
    return True
