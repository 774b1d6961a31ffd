from django.urls import path

from . import views

app_name = "pages"
urlpatterns = [
    path("", views.index, name="index"),
    path("notes/", views.notes, name="notes"),
    path("upload/", views.upload, name="upload"),
    path("download/", views.download, name="download"),
    path("hello/", views.hello, name="hello"),
    path("sleep/", views.sleep, name="sleep"),
]
