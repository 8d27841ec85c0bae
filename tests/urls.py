"""URLs of the test project: ours where the platform mounts them, and the admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("beratung/", include("beratung_xblock.urls")),
]
