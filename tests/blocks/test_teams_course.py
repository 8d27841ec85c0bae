"""The linked Teams course on the volunteer's page: how much of its practice meeting is done."""

import pytest
from completion.models import BlockCompletion
from django.utils import translation
from opaque_keys.edx.keys import UsageKey
from waffle.testutils import override_switch

from beratung_xblock import completion
from beratung_xblock.models import Registration
from tests.blocks import stage
from tests.blocks.journey import accept, move_to, published, signed_up
from tests.integration import world

pytestmark = pytest.mark.django_db
COURSE = "course-v1:Diakonie+Teams+2027"
ADDRESSES = (
    f"https://lms.example/learning/course/{COURSE}/home", f"https://lms.example/courses/{COURSE}/", f"/courses/{COURSE.replace('+', '%2B').replace(':', '%3A')}",
)


def practise(user, share: float, name: str = "u7_1_1_2_practice", kind: str = "teams_practice", course: str = COURSE) -> None:
    key = UsageKey.from_string(f"{course.replace('course-v1', 'block-v1')}+type@{kind}+block@{name}")
    with override_switch("completion.enable_completion_tracking", True):
        BlockCompletion.objects.submit_completion(user=user, block_key=key, completion=share)


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_page_says_how_much_is_practised(address):
    renate = stage.enrol(world.user("renate"))
    with translation.override("en"):
        world.place(teams_course_url=address)
        signed_up(renate, world.open_round(world.lead()))
        assert "of the practice meeting" not in stage.show(renate, teams_course_url=address)
        practise(renate, 5 / 14)
        practise(renate, 1.0, name="intro", kind="html")
        practise(world.user(), 1.0)
        page = stage.show(renate, teams_course_url=address)
    assert "You have done 36 % of the practice meeting." in page
    assert "--kb-share: 36%" in page


@pytest.mark.parametrize("address", ["", "https://lms.example/teams", "course-v1:", "https://lms.example/courses/course-v1:x", "/courses/course-v1:A+B+C\u202e"])
def test_an_address_without_a_course_asks_nothing(address, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        assert completion.practised(1, address) is None


def test_the_short_exercise_is_asked_for_at_the_sign_up_where_a_course_is_linked():
    renate = stage.enrol(world.user("renate"))
    with translation.override("en"):
        world.place()
        uid = world.open_round(world.lead())
        accept(renate)
        assert "wants_refresher" not in stage.show(renate)
        world.place(teams_course_url=ADDRESSES[0])
        assert "send me a short exercise with Teams" in stage.show(renate, teams_course_url=ADDRESSES[0])
        signed_up(renate, uid, wants_refresher="on")
        page = stage.show(renate, teams_course_url=ADDRESSES[0])
        assert "Short exercise with Teams before the date" in page
        assert Registration.objects.get(user=renate).wants_refresher
        form = stage.act(renate, "change_signup", {"round": uid}, teams_course_url=ADDRESSES[0]).text
    assert 'name="wants_refresher" value="on" checked' in form


def test_from_three_days_before_the_page_offers_the_short_exercise():
    address = ADDRESSES[0]
    six = [stage.enrol(world.user(f"p{number}")) for number in range(6)]
    with translation.override("en"):
        world.place(teams_course_url=address)
        lead = world.lead()
        group = published(world.open_round(lead, evenings=1), lead, six)
        practise(six[0], 1.0)
        practise(six[0], 0.5, name="further")
        assert "Open the Teams course" in stage.show(six[0], teams_course_url=address)
        move_to(group, 3 * 24 * 60)
        pages = [stage.show(user, teams_course_url=address) for user in six[:2]]
        for page in pages:
            assert "Seven short steps bring it back." in page
            assert "Open the Teams course" not in page
        block = f"{COURSE.replace('course-v1', 'block-v1')}+type@teams_practice+block@u7_1_1_2_practice"
        assert f'href="/courses/{COURSE}/jump_to/{block}"' in pages[0]
        assert f'href="{address}"' in pages[1]
        assert "Five minutes with Teams" not in stage.show(six[0])
        move_to(group, 10)
        assert "Five minutes with Teams" not in stage.show(six[0], teams_course_url=address)
