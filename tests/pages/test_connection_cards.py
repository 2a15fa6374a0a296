"""Two cards on Connections: the one everything needs, and the compliance officer's beside it."""

from streamlit.testing.v1 import AppTest

from core.services import Services
from core.store.models.webex import WebexConnection
from tests.pages.conftest import Browser, open_page, sign_in

CONNECT = "/webex/login?next=/connections&kind=compliance"


def links(shown: AppTest) -> str:
    return " ".join(each.value for each in shown.html).replace("&amp;", "&")


def test_an_administrator_is_offered_the_officers_connection_and_told_why(parts: Services, browser: Browser) -> None:
    sign_in(parts, browser, "supervisor")
    app = open_page("connections")
    assert CONNECT not in links(app)
    assert any("compliance officer" in each.value for each in app.subheader)
    sign_in(parts, browser, "admin")
    app = open_page("connections")
    assert CONNECT in links(app)
    assert any("optional" in each.value for each in app.caption)


def test_a_connected_officer_can_be_given_the_right_to_delete_and_be_disconnected(
    parts: Services, browser: Browser
) -> None:
    with parts.database.write() as session:
        session.add(
            WebexConnection(
                kind="compliance",
                state="connected",
                org_name="Acme",
                scopes_asked="spark-compliance:recordings_read",
                scopes_granted="spark-compliance:recordings_read",
            )
        )
    sign_in(parts, browser, "admin")
    app = open_page("connections")
    assert "/webex/login?kind=compliance&next=/connections&delete=1" in links(app)
    app.button(key="compliance_disconnect").click().run()
    app.text_input(key="disconnect_typed").set_value("Acme").run()
    app.button(key="disconnect_yes").click().run()
    with parts.database.read() as session:
        assert session.get_one(WebexConnection, "compliance").state == "disconnected"
