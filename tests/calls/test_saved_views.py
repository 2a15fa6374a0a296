import pytest

from core.calls import saved_views
from core.errors import InvalidInputError
from core.store.engine import Database
from tests.conftest import NOON


def test_a_view_is_kept_per_person_and_page_and_overwritten_by_name(database: Database) -> None:
    with database.write() as session:
        for owner, query in (("ana", "?direction=ORIGINATING"), ("eva", "country=CU"), ("ana", "country=JM")):
            saved_views.save(session, owner=owner, page="calls", name="  Abroad  today ", query=query, at=NOON)
    with database.write() as session:
        (view,) = saved_views.listed(session, owner="ana", page="calls")
        assert (view.name, view.query) == ("Abroad today", "country=JM")
        assert saved_views.listed(session, owner="ana", page="overview") == []
        assert not saved_views.remove(session, owner="eva", view_id=view.id)
        assert saved_views.remove(session, owner="ana", view_id=view.id)
        assert saved_views.listed(session, owner="ana", page="calls") == []


@pytest.mark.parametrize(("name", "query"), [("", "a=1"), ("x" * 101, "a=1"), ("ok", "a=\n1"), ("ok", "x" * 2001)])
def test_what_cannot_be_kept_is_refused(sqlite_database: Database, name: str, query: str) -> None:
    with sqlite_database.write() as session, pytest.raises(InvalidInputError):
        saved_views.save(session, owner="ana", page="calls", name=name, query=query, at=NOON)
