"""Every event joins the chain of the trail (``trail.0002``); personal words may go by one road alone.

``trail_redact_event`` replaces the note and the facts of an event and leaves a further link for it under
the number of the certificate: the chain says that, when and why it no longer looks as it did.
"""

from typing import Any

from django.db import migrations

LINKED = """
CREATE FUNCTION cases_event_linked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    PERFORM trail_pend('event', array_agg(id ORDER BY id), array_agg(digest ORDER BY id)) FROM (
        SELECT id, {event} AS digest FROM added
    ) AS made HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER cases_event_linked AFTER INSERT ON cases_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION cases_event_linked();

CREATE OR REPLACE FUNCTION cases_event_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('jiesu.redacting', true) = 'yes'
        AND to_jsonb(NEW) - ARRAY['note', 'facts'] = to_jsonb(OLD) - ARRAY['note', 'facts'] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the record of events is only ever added to (%)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION trail_redact_events(
    event_ids bigint[], notes text[], new_facts jsonb[], new_certificate bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    done bigint[];
    made bytea[];
BEGIN
    IF new_certificate IS NULL THEN
        RAISE EXCEPTION 'an erasure needs its certificate' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    PERFORM set_config('jiesu.redacting', 'yes', true);
    WITH changed AS (
        UPDATE cases_event SET note = given.note, facts = given.facts
        FROM unnest(event_ids, notes, new_facts) AS given (event_id, note, facts)
        WHERE cases_event.id = given.event_id
        RETURNING cases_event.*
    )
    SELECT array_agg(id ORDER BY id), array_agg({event} ORDER BY id) INTO done, made FROM changed;
    PERFORM set_config('jiesu.redacting', '', true);
    IF cardinality(done) IS DISTINCT FROM cardinality(event_ids) THEN
        RAISE EXCEPTION 'no such event among %', event_ids USING ERRCODE = 'no_data_found';
    END IF;
    PERFORM trail_pend('event', done, made, new_certificate, 'redacted');
END $$;
CREATE FUNCTION trail_redact_event(event_id bigint, note text, facts jsonb, certificate bigint)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
    SELECT trail_redact_events(ARRAY[event_id], ARRAY[note], ARRAY[facts], certificate)
$$;
REVOKE ALL ON FUNCTION trail_redact_events(bigint[], text[], jsonb[], bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION trail_redact_event(bigint, text, jsonb, bigint) FROM PUBLIC;

SELECT trail_append('event', array_agg(id ORDER BY id), array_agg(digest ORDER BY id), NULL, 'begin')
FROM (
    SELECT id, {event} AS digest, (row_number() OVER (ORDER BY id) - 1) / 1000 AS part FROM cases_event
) AS there GROUP BY part ORDER BY part;
"""
EVENT = """sha256(convert_to(jsonb_build_array(office_id, case_id, step, action, before, after, moved,
    actor_id, (extract(epoch FROM at) * 1000000)::bigint,
    (extract(epoch FROM recorded_at) * 1000000)::bigint, note, facts, once)::text, 'UTF8'))"""
UNDO = """
DROP FUNCTION trail_redact_event(bigint, text, jsonb, bigint);
DROP FUNCTION trail_redact_events(bigint[], text[], jsonb[], bigint);
CREATE OR REPLACE FUNCTION cases_event_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record of events is only ever added to (%)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER cases_event_linked ON cases_event;
DROP FUNCTION cases_event_linked();
"""


def install(apps: Any, schema_editor: Any) -> None:
    """The functions look where the tables are, and nowhere else, whoever calls them."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(LINKED.format(schema=schema, event=EVENT))


def remove(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(UNDO)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0004_overdue_stays_and_desks_are_told"),
        ("trail", "0002_the_chain"),
    ]
    operations = [migrations.RunPython(install, remove)]
