"""XBlock `beratung`: the peer consultation page. Reads the request, asks `pages`, answers. No rules, no queries."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _
from web_fragments.fragment import Fragment
from webob import Response
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.fields import Scope

from beratung_xblock import actors, pages
from beratung_xblock.api import places
from beratung_xblock.block_fields import SettingsFields
from beratung_xblock.data.settings import settings_from_snapshot


@XBlock.wants("user", "i18n", "completion")
class BeratungXBlock(SettingsFields, CompletableXBlockMixin, XBlock):
    """One place for peer consultation in a course. Everything about people lives in our tables, not in fields."""

    resources_dir = "static"
    public_dir = "beratung_xblock"
    has_author_view = True
    has_custom_completion = True
    completion_mode = "completable"
    icon_class = "other"
    editable_scopes = (Scope.settings,)
    block_label = _("Peer consultation")

    @property
    def has_score(self) -> bool:
        """Graded only when the author wants completion reported as a grade."""
        return bool(self.report_grade)

    def max_score(self) -> float:
        """One point, read by the platform at publish time."""
        return 1.0

    # --- learning ----------------------------------------------------------------------------------------------------

    @XBlock.supports("multi_device")  # the mobile apps show the page themselves
    def student_view(self, context=None) -> Fragment:
        """The page of today: volunteer, desk for coordinators, or what a visitor may see."""
        return self._fragment(pages.student_page(self), "page")

    def public_view(self, context=None) -> Fragment:
        """Visitors without enrolment see what this is and nothing else."""
        return self._fragment(pages.public_page(self), "page")

    def student_view_data(self, context=None) -> dict[str, object]:
        """For the mobile app, read at publish without a person: the title and that the web page is the way in."""
        return {"display_name": self.display_name, "open_in_browser": True}

    @XBlock.handler
    def act(self, request, suffix="") -> Response:
        """Every action of the page: the suffix names it, the form body carries it. Answers HTML for the page."""
        return self._answer(pages.act(self, request, suffix))

    # --- authoring ---------------------------------------------------------------------------------------------------

    def author_view(self, context=None) -> Fragment:
        """What learners will see in short, and what is still missing."""
        return self._fragment(pages.author_page(self), "author")

    def studio_view(self, context=None) -> Fragment:
        """The editor."""
        return self._fragment(pages.studio_page(self), "studio")

    @XBlock.handler
    def save_settings(self, request, suffix="") -> Response:
        """Check and store what the author typed; refused values come back with a message at the field."""
        return self._answer(pages.save_settings(self, request))

    # --- plumbing ----------------------------------------------------------------------------------------------------

    def refresh_place(self):
        """The stored snapshot of these settings, renewed when stale. NotFound: in a library, and in the draft of an unpublished block."""
        usage_key, course_key = actors.normalised_usage_key(self.scope_ids.usage_id)
        settings = settings_from_snapshot(self.settings_values())
        if actors.shows_draft(course_key):
            return places.draft_of(usage_key=usage_key, settings=settings)
        return places.snapshot(usage_key=usage_key, course_key=course_key, settings=settings)

    def asset(self, path: str) -> str:
        """URL of a file below static/beratung_xblock/."""
        return self.runtime.local_resource_url(self, f"beratung_xblock/{path}")

    def action_url(self, name: str) -> str:
        """URL of an action, whatever the runtime appends to its handler URLs."""
        return self.runtime.handler_url(self, "act", suffix=name).rstrip("?")

    def _fragment(self, page: pages.Page, kind: str) -> Fragment:
        fragment = Fragment(page.html)
        for path in page.styles:
            fragment.add_css_url(self.asset(path))
        fragment.add_javascript_url(self.asset("js/beratung.js"))
        fragment.initialize_js("BeratungXBlock", {"kind": kind, **page.client})
        return fragment

    @staticmethod
    def _answer(answer: pages.Answer) -> Response:
        response = Response(body=answer.body.encode(), content_type=answer.content_type, charset="utf-8")
        response.status_int = answer.status
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Beratung"] = "1"  # the client swaps in our own answers only, also those with status 4xx
        for name, value in answer.headers:
            response.headers[name] = value
        return response
