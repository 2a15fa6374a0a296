"""Every page opens for whoever may open it, in both languages, and says so to whoever may not."""

import pytest

from core.access import people
from core.access.permissions import ROLES, allowed
from core.language import LANGUAGES, Language, translate
from core.services import Services
from core.ui.navigation import SCREENS, Screen
from tests.pages.conftest import Browser, open_page, sign_in, texts_of


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_it_opens_without_an_error(parts: Services, browser: Browser, screen: Screen, language: Language) -> None:
    sign_in(parts, browser, "admin", language)
    app = open_page(screen.name)
    assert not app.exception
    assert app.title[0].value == translate(f"ui.pages.{screen.name}.title", language)


def test_an_administrator_may_open_every_page() -> None:
    assert [screen.name for screen in SCREENS if not allowed("admin", screen.permission)] == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_each_role_sees_what_it_may_and_a_403_for_the_rest(parts: Services, browser: Browser, role: str) -> None:
    sign_in(parts, browser, role)
    for screen in SCREENS:
        app = open_page(screen.name)
        assert not app.exception
        refused = translate("ui.forbidden.title", "en") in texts_of(app)
        assert refused is not allowed(role, screen.permission), screen.name
        assert bool(app.title) is not refused, "a refused page shows nothing of itself"


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_nobody_sees_anything_before_signing_in(parts: Services, browser: Browser, screen: Screen) -> None:
    app = open_page(screen.name)
    assert not app.exception
    assert not app.title
    assert any("/sign-in?next=" in shown.value for shown in app.html)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.name)
def test_it_opens_before_any_call_arrived(empty_parts: Services, browser: Browser, screen: Screen) -> None:
    sign_in(empty_parts, browser, "admin")
    app = open_page(screen.name)
    assert not app.exception
    assert app.title


def test_a_closed_account_is_out_at_once(parts: Services, browser: Browser) -> None:
    person = sign_in(parts, browser, "analyst")
    app = open_page("calls")
    assert app.title
    people.disable(parts.database, parts.clock, person.id, actor="test")
    app.run()
    assert not app.title


def test_the_environment_is_said_plainly(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "analyst")
    assert translate("ui.environment.sandbox_help", "en") in texts_of(open_page("overview"))
