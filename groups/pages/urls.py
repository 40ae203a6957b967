"""Files that come in, behind the admin's sign-in. Addresses carry the ids of rows, nothing else."""

from django.contrib import admin
from django.urls import path

from groups.pages import file_acts, files

_staff = admin.site.admin_view

urlpatterns = [
    path("files/", _staff(files.incoming_files), name="incoming_files"),
    path("file/<int:pk>/", _staff(files.incoming_file), name="incoming_file"),
    path("file/<int:pk>/rows/", _staff(files.incoming_rows), name="incoming_rows"),
    path("file/<int:pk>/rejects/", _staff(files.incoming_rejects), name="incoming_rejects"),
    *(
        path(f"file/<int:pk>/{act.address}/", _staff(act.as_view()), name=act.address)
        for act in file_acts.FILE_ACTS
    ),
]
