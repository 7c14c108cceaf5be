"""The record is only ever added to: PostgreSQL itself refuses to change or remove an event."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION cases_event_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record of events is only ever added to (%)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER cases_event_only_added BEFORE UPDATE OR DELETE ON cases_event
    FOR EACH ROW EXECUTE FUNCTION cases_event_only_added();
CREATE TRIGGER cases_event_never_emptied BEFORE TRUNCATE ON cases_event
    FOR EACH STATEMENT EXECUTE FUNCTION cases_event_only_added();
"""
UNDO = """
DROP TRIGGER cases_event_never_emptied ON cases_event;
DROP TRIGGER cases_event_only_added ON cases_event;
DROP FUNCTION cases_event_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, UNDO)]
