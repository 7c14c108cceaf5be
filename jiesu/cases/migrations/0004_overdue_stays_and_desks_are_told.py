"""A clock is never removed, an overdue fact never rewritten; and every new event is told to the desks.

One word on the wire for each statement: up to 20 events by their ids, more as "many" of an office.
"""

from django.db import migrations

KEEP = """
CREATE FUNCTION cases_clock_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a clock stays on the record' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.overdue_at IS NOT NULL AND (
        NEW.overdue_at IS DISTINCT FROM OLD.overdue_at OR NEW.due_at IS DISTINCT FROM OLD.due_at
        OR NEW.started_at IS DISTINCT FROM OLD.started_at OR NEW.kind IS DISTINCT FROM OLD.kind
        OR NEW.case_id IS DISTINCT FROM OLD.case_id
    ) THEN
        RAISE EXCEPTION 'an overdue fact is never rewritten' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cases_clock_never_removed BEFORE DELETE ON cases_clock
    FOR EACH ROW EXECUTE FUNCTION cases_clock_keeps();
CREATE TRIGGER cases_clock_overdue_stays BEFORE UPDATE ON cases_clock
    FOR EACH ROW WHEN (OLD.overdue_at IS NOT NULL) EXECUTE FUNCTION cases_clock_keeps();
"""
UNDO_KEEP = """
DROP TRIGGER cases_clock_overdue_stays ON cases_clock;
DROP TRIGGER cases_clock_never_removed ON cases_clock;
DROP FUNCTION cases_clock_keeps();
"""
TELL = """
CREATE FUNCTION cases_event_told() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    many bigint;
BEGIN
    SELECT count(*) INTO many FROM added;
    IF many = 0 THEN
        RETURN NULL;
    ELSIF many <= 20 THEN
        PERFORM pg_notify('jiesu_live',
            (SELECT json_build_object('k', 'case', 'e', json_agg(id ORDER BY id))::text FROM added));
    ELSE
        PERFORM pg_notify('jiesu_live', json_build_object('k', 'many', 'o', office_id)::text)
            FROM (SELECT DISTINCT office_id FROM added) AS offices;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cases_event_told AFTER INSERT ON cases_event
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION cases_event_told();
"""
UNDO_TELL = """
DROP TRIGGER cases_event_told ON cases_event;
DROP FUNCTION cases_event_told();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_counted_clocks")]
    operations = [migrations.RunSQL(KEEP, UNDO_KEEP), migrations.RunSQL(TELL, UNDO_TELL)]
