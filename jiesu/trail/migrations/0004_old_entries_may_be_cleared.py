"""Entries older than they must be kept may go, by one road: never within 180 days, and the chain says so.

The links stay. A link of source ``clear`` names the last row that went; verification accepts a missing row
up to it that was linked at least 180 days before.
"""

from django.db import migrations

CLEAR = """
CREATE OR REPLACE FUNCTION trail_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'trail_entry'
        AND current_setting('jiesu.clearing', true) = 'yes' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the trail is only ever added to (%)', TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION trail_clear(keep_days integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    last bigint;
    many bigint;
BEGIN
    IF keep_days IS NULL OR keep_days < 180 THEN
        RAISE EXCEPTION 'the trail is kept for 180 days at least' USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(
        (SELECT min(id) - 1 FROM trail_entry WHERE at >= now() - make_interval(days => keep_days)),
        (SELECT max(id) FROM trail_entry)
    ) INTO last;
    PERFORM set_config('jiesu.clearing', 'yes', true);
    DELETE FROM trail_entry WHERE id <= last;
    GET DIAGNOSTICS many = ROW_COUNT;
    PERFORM set_config('jiesu.clearing', '', true);
    IF many > 0 THEN
        PERFORM trail_pend('clear', ARRAY[]::bigint[], ARRAY[]::bytea[], NULL, last::text);
    END IF;
    RETURN many;
END $$;
REVOKE ALL ON FUNCTION trail_clear(integer) FROM PUBLIC;
"""
UNDO = """
DROP FUNCTION trail_clear(integer);
CREATE OR REPLACE FUNCTION trail_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is only ever added to (%)', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
"""


def install(apps, schema_editor):
    """The function looks where the tables are, and nowhere else, whoever calls it."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(CLEAR.format(schema=schema))


def remove(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(UNDO)


class Migration(migrations.Migration):
    dependencies = [("trail", "0003_found_by_kind_and_number")]
    operations = [migrations.RunPython(install, remove)]
