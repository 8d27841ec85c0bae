"""Addresses of the demo host."""

from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import include, path, re_path
from django.views.i18n import set_language

from beratung_xblock.demo import views

urlpatterns = [
    path("", views.start, name="start"),
    path("persona/", views.become, name="become"),
    path("today/", views.today, name="today"),
    path("leave/", views.leave, name="leave"),
    path("language/", set_language, name="set_language"),
    path("learn/<slug:slug>/", views.learn, name="learn"),
    path("practice/", views.learn, {"slug": "practice"}, name="practice"),
    path("xblock/<str:usage_key>", views.chromeless, name="chromeless"),
    path("courses/<str:course_key>/jump_to/<str:usage_key>", views.jump_to, name="jump_to"),
    path("studio/<slug:slug>/", views.studio, name="studio"),
    path("studio/<slug:slug>/edit/", views.studio_edit, name="studio_edit"),
    path("studio/<slug:slug>/olx/", views.studio_olx, name="studio_olx"),
    path("mails/", views.mails, name="mails"),
    re_path(r"^handler/(?P<side>lms|studio)/(?P<usage_key>[^/]+)/(?P<handler>[^/]+)(?:/(?P<suffix>.*))?$", views.handler, name="handler"),
    path("xblock/resource/<str:block_type>/<path:uri>", views.resource, name="resource"),
    re_path(r"^static/(?P<path>.*)$", serve, {"insecure": True}),
    path("beratung/", include(("beratung_xblock.urls", "beratung"), namespace="beratung")),
    path("admin/", admin.site.urls),
]
handler404 = "beratung_xblock.demo.views.not_found"
handler500 = "beratung_xblock.demo.views.failed"
