"""Changes that cross: what PostgreSQL tells whoever came second, at a place of the test's choosing."""

from typing import Literal

from sqlalchemy import text

from core.store.engine import Database


def cross_once(database: Database, table: str, change: Literal["INSERT", "UPDATE"]) -> None:
    """The next change of that kind to ``table`` is refused as by a serialization failure, those after it are made."""
    with database.write() as session:
        for statement in (
            # A sequence is not taken back with the transaction that it ended.
            f"CREATE SEQUENCE crossed_{table}",
            f"""CREATE FUNCTION cross_{table}() RETURNS trigger AS $$ BEGIN
                IF nextval('crossed_{table}') = 1 THEN RAISE EXCEPTION 'crossed' USING ERRCODE = '40001'; END IF;
                RETURN NEW; END $$ LANGUAGE plpgsql""",
            f"CREATE TRIGGER crossing BEFORE {change} ON {table} FOR EACH ROW EXECUTE FUNCTION cross_{table}()",
        ):
            session.execute(text(statement))
