"""Who is asking: the one place that turns a request or a bound block into an `Actor`."""

from __future__ import annotations

import crum
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import translation
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import UsageKey

from beratung_xblock.compat import CourseRights, Preferences, platform
from beratung_xblock.data.actor import Actor
from beratung_xblock.exceptions import NotFound
from beratung_xblock.models import Coordinator


def normalised_usage_key(usage_key: object) -> tuple[str, str]:
    """(usage key with its run, course key) as text. Raises NotFound for what is no usage key of a course."""
    try:
        key = usage_key if isinstance(usage_key, UsageKey) else UsageKey.from_string(str(usage_key))
    except InvalidKeyError:
        raise NotFound from None
    course_key = getattr(key, "context_key", None)  # `.course_key` warns for keys of content libraries
    if course_key is None or not getattr(course_key, "is_course", False):
        raise NotFound
    return str(key), str(course_key)


def build(*, user, usage_key: object, request=None, masquerading: bool | None = None) -> Actor:
    """The actor for a platform user at a block.

    `masquerading` overrides what the request's session says. At most four queries on the stand-in platform.
    """
    key, course_key = normalised_usage_key(usage_key)
    language = (translation.get_language() or "de").split("-")[0]
    if user is None or not getattr(user, "is_authenticated", False) or not user.is_active:
        return Actor(user_id=None, usage_key=key, course_key=course_key, language=language)
    host = platform()
    rights: CourseRights = host.rights(user, course_key)
    preferences: Preferences = host.preferences(user)
    if masquerading is None:
        masquerading = request is not None and host.is_masquerading(request, course_key)
    regions = list(
        Coordinator.objects.filter(course_key=course_key, user_id=user.pk).values_list("region", flat=True)
    )
    return Actor(
        user_id=user.pk,
        usage_key=key,
        course_key=course_key,
        is_enrolled=rights.is_enrolled,
        is_course_staff=rights.is_staff,
        is_instructor=rights.is_instructor,
        is_global_staff=rights.is_global_staff,
        is_masquerading=bool(masquerading),
        is_coordinator=bool(regions),
        regions=() if "" in regions else tuple(sorted(regions)),
        language=language,
        time_zone=preferences.time_zone or "Europe/Berlin",
        full_name=preferences.full_name,
    )


def is_masquerading(request, course_key: str) -> bool:
    """Whether the person looks through somebody else's eyes in this course; asks the session, no database."""
    return bool(platform().is_masquerading(request, course_key))


def shows_draft(course_key: str) -> bool:
    """Whether this request reads the course as its authors left it: Studio, and a preview on the learning side. No database."""
    return bool(platform().shows_draft(course_key))


def from_request(request, usage_key: object) -> Actor:
    """The actor of a plugin view; also asks the platform whether the block page would open for them."""
    actor = build(user=request.user, usage_key=usage_key, request=request)
    if actor.user_id is not None and not platform().may_load_block(request.user, actor.usage_key):
        raise NotFound
    return actor


def from_block(block) -> Actor:
    """The actor of a view or handler of a bound block (LMS, Studio or a test runtime).

    A masquerade is seen twice: in the session of the real request, and by the user service answering with somebody
    else than the person who sent the request.
    """
    request = crum.get_current_request()
    service = block.runtime.service(block, "user")
    shown = service.get_current_user().opt_attrs if service else {}
    shown_id = shown.get("edx-platform.user_id")
    user = getattr(request, "user", None)
    masquerading = None
    if user is None:
        user = get_user_model().objects.filter(pk=shown_id).first() if shown_id is not None else None
        masquerading = False
    elif shown_id is not None and user.pk is not None and str(shown_id) != str(user.pk):
        masquerading = True
    return build(user=user, usage_key=block.scope_ids.usage_id, request=request, masquerading=masquerading)


def author_from_block(block) -> Actor:
    """The actor of a Studio view or handler: `is_author` says whether they may write the course."""
    request = crum.get_current_request()
    user = getattr(request, "user", None)
    key, course_key = normalised_usage_key(block.scope_ids.usage_id)
    if user is None or not getattr(user, "is_authenticated", False):
        return Actor(user_id=None, usage_key=key, course_key=course_key)
    return Actor(
        user_id=user.pk,
        usage_key=key,
        course_key=course_key,
        is_author=platform().has_author_access(user, course_key),
        language=(translation.get_language() or "de").split("-")[0],
    )


def full_name(user) -> str:
    """The name of a platform user as it stands on a certificate."""
    return platform().preferences(user).full_name


def language_of(user) -> str:
    """The language a platform user has chosen; "" where the platform knows of none."""
    return platform().preferences(user).language.lower().split("-")[0]


def time_zone_of(user) -> str:
    """The zone of a platform user's clock."""
    return platform().preferences(user).time_zone or "Europe/Berlin"


def page_address(*, course_key: str, usage_key: str) -> str:
    """The full address of a block's page, for mails and calendars: BERATUNG_BASE_URL (else LMS_ROOT_URL) and a path."""
    return base_address() + platform().jump_url(course_key, usage_key)


def base_address() -> str:
    """How every address of ours outside a page begins, without a slash at the end."""
    base = getattr(settings, "BERATUNG_BASE_URL", "") or getattr(settings, "LMS_ROOT_URL", "") or ""
    return base.rstrip("/")
