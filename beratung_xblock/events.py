"""Public events of this package, for other plugins and the event bus: ids and counters, after the commit.

They follow openedx-events: attrs data classes, one `OpenEdxPublicSignal` each, a new version instead of a changed field. Where
openedx-events is absent, `SIGNALS` is empty and nothing is told. Nobody's account, name or text is in an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from opaque_keys.edx.keys import CourseKey, UsageKey

try:
    import attr
    from openedx_events.tooling import OpenEdxPublicSignal
except ImportError:  # a host without openedx-events
    OpenEdxPublicSignal = None

SIGNALS: dict[str, Any] = {}
"""Our signals by the action of the audit log that causes them; connect with `SIGNALS["round.publish"].connect(...)` or by name."""

if OpenEdxPublicSignal is not None:

    @attr.s(frozen=True)
    class RoundData:
        """A round and the block it belongs to."""

        course_key = attr.ib(type=CourseKey)
        usage_key = attr.ib(type=UsageKey)
        round_id = attr.ib(type=str)

    @attr.s(frozen=True)
    class PublishedGroupsData:
        """What was published: the round, its groups, and how many people were told."""

        round = attr.ib(type=RoundData)
        groups = attr.ib(type=int)
        told = attr.ib(type=int)

    @attr.s(frozen=True)
    class RegistrationData:
        """One registration. Who stands behind it can be looked up by who may see it."""

        round = attr.ib(type=RoundData)
        registration_id = attr.ib(type=str)

    @attr.s(frozen=True)
    class SessionData:
        """The session of one group."""

        round = attr.ib(type=RoundData)
        session_id = attr.ib(type=str)

    @attr.s(frozen=True)
    class AttendanceData:
        """Attendance of one group was entered or corrected for so many people."""

        round = attr.ib(type=RoundData)
        group_id = attr.ib(type=str)
        people = attr.ib(type=int)

    # .. event_type: org.openedx.beratung.round.opened.v1
    # .. event_name: ROUND_OPENED
    # .. event_description: sign-up of a round began.
    # .. event_data: RoundData
    ROUND_OPENED = OpenEdxPublicSignal("org.openedx.beratung.round.opened.v1", {"round": RoundData})

    # .. event_type: org.openedx.beratung.round.published.v1
    # .. event_name: ROUND_PUBLISHED
    # .. event_description: groups of a round were published, for the first time or after a repair.
    # .. event_data: PublishedGroupsData
    ROUND_PUBLISHED = OpenEdxPublicSignal("org.openedx.beratung.round.published.v1", {"published": PublishedGroupsData})

    # .. event_type: org.openedx.beratung.round.cancelled.v1
    # .. event_name: ROUND_CANCELLED
    # .. event_description: a round was cancelled.
    # .. event_data: RoundData
    ROUND_CANCELLED = OpenEdxPublicSignal("org.openedx.beratung.round.cancelled.v1", {"round": RoundData})

    # .. event_type: org.openedx.beratung.registration.created.v1
    # .. event_name: REGISTRATION_CREATED
    # .. event_description: somebody signed up for a round, or was put on its waiting list.
    # .. event_data: RegistrationData
    REGISTRATION_CREATED = OpenEdxPublicSignal("org.openedx.beratung.registration.created.v1", {"registration": RegistrationData})

    # .. event_type: org.openedx.beratung.registration.cancelled.v1
    # .. event_name: REGISTRATION_CANCELLED
    # .. event_description: somebody left a round.
    # .. event_data: RegistrationData
    REGISTRATION_CANCELLED = OpenEdxPublicSignal("org.openedx.beratung.registration.cancelled.v1", {"registration": RegistrationData})

    # .. event_type: org.openedx.beratung.session.ended.v1
    # .. event_name: SESSION_ENDED
    # .. event_description: the session of a group ended.
    # .. event_data: SessionData
    SESSION_ENDED = OpenEdxPublicSignal("org.openedx.beratung.session.ended.v1", {"session": SessionData})

    # .. event_type: org.openedx.beratung.attendance.recorded.v1
    # .. event_name: ATTENDANCE_RECORDED
    # .. event_description: attendance of a group was entered or corrected.
    # .. event_data: AttendanceData
    ATTENDANCE_RECORDED = OpenEdxPublicSignal("org.openedx.beratung.attendance.recorded.v1", {"attendance": AttendanceData})

    SIGNALS.update(
        {
            "round.open": ROUND_OPENED,
            "round.publish": ROUND_PUBLISHED,
            "round.cancel": ROUND_CANCELLED,
            "registration.create": REGISTRATION_CREATED,
            "registration.cancel": REGISTRATION_CANCELLED,
            "session.end": SESSION_ENDED,
            "attendance.record": ATTENDANCE_RECORDED,
        }
    )

_BUILD: dict[str, Callable[..., Any]] = {
    "round.publish": lambda about, uid, counts: PublishedGroupsData(about, counts["groups"], counts["told"]),
    "registration.create": lambda about, uid, counts: RegistrationData(about, uid),
    "registration.cancel": lambda about, uid, counts: RegistrationData(about, uid),
    "session.end": lambda about, uid, counts: SessionData(about, uid),
    "attendance.record": lambda about, uid, counts: AttendanceData(about, uid, counts["people"]),
}


def is_heard(action: str) -> bool:
    """Whether anybody listens to the event of this action: building one for nobody would cost a query."""
    signal = SIGNALS.get(action)
    return signal is not None and signal.has_listeners()


def send(action: str, *, course_key: str, usage_key: str, round_uid: str, uid: str, counts: Mapping[str, int]) -> None:
    """Send the event of an action. A receiver that fails is logged by openedx-events and stops nobody."""
    about = RoundData(CourseKey.from_string(course_key), UsageKey.from_string(usage_key), round_uid)
    signal = SIGNALS[action]
    (name,) = signal.init_data
    build = _BUILD.get(action)
    signal.send_event(**{name: build(about, uid, counts) if build else about})
