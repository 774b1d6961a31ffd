"""A page for each thing that a server has to carry for a site."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator

import django
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render

from .forms import NoteForm, UploadForm
from .models import Note

MAX_SLEEP_MS = 10_000
MAX_ROWS = 1_000_000
ROWS_PER_CHUNK = 500


def index(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "pages/index.html",
        {
            "facts": served_by(request),
            "note_count": Note.objects.count(),
            "latest": Note.objects.first(),
        },
    )


def notes(request: HttpRequest) -> HttpResponse:
    """The guest book: reads the database, and writes to it through a form with a CSRF token."""
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("pages:notes")
    page = Paginator(Note.objects.all(), 10).get_page(request.GET.get("page"))
    return render(request, "pages/notes.html", {"form": form, "page": page})


def upload(request: HttpRequest) -> HttpResponse:
    """Takes a file and says what arrived; nothing is kept."""
    form = UploadForm(request.POST or None, request.FILES or None)
    received = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        received = {"name": file.name, "size": file.size, "sha256": digest.hexdigest()}
    return render(request, "pages/upload.html", {"form": form, "received": received})


def download(request: HttpRequest) -> HttpResponseBase:
    """Streams a table of squares, `?rows=N` lines of it, without ever holding it whole."""
    rows = bounded(request.GET.get("rows"), default=100_000, limit=MAX_ROWS)
    response = StreamingHttpResponse(table_of_squares(rows), content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="squares.csv"'
    return response


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello\n", content_type="text/plain")


def sleep(request: HttpRequest) -> HttpResponse:
    """Waits for `?ms=N` milliseconds, as a view does that asks another server."""
    milliseconds = bounded(request.GET.get("ms"), default=20, limit=MAX_SLEEP_MS)
    time.sleep(milliseconds / 1000)
    return HttpResponse(f"slept {milliseconds} ms\n", content_type="text/plain")


def table_of_squares(rows: int) -> Iterator[bytes]:
    yield b"number,square\n"
    for start in range(0, rows, ROWS_PER_CHUNK):
        numbers = range(start, min(start + ROWS_PER_CHUNK, rows))
        yield "".join(f"{number},{number * number}\n" for number in numbers).encode()


def bounded(text: str | None, default: int, limit: int) -> int:
    return min(int(text), limit) if text and text.isascii() and text.isdigit() else default


def served_by(request: HttpRequest) -> list[tuple[str, str]]:
    """Which server, process and request this is; some of it only uwsgi can tell."""
    facts = [
        ("Python", sys.version.split()[0]),
        ("Django", django.get_version()),
        ("Protocol", request.META.get("SERVER_PROTOCOL", "")),
        ("Scheme", request.scheme or ""),
    ]
    try:
        import uwsgi
    except ImportError:
        return facts
    return [
        ("uwsgi", uwsgi.version.decode()),
        ("Worker", f"{uwsgi.worker_id()} of {uwsgi.numproc}"),
        ("Requests so far", str(uwsgi.total_requests())),
        *facts,
    ]
