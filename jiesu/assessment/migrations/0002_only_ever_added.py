"""Results, standings and frozen cycles are only ever added to: PostgreSQL itself refuses anything else."""

from django.db import migrations

TABLES = ("assessment_result", "assessment_standingfact", "assessment_frozen")
REFUSE = """
CREATE FUNCTION assessment_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what the assessment was told is only ever added to (% %)', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION assessment_only_added();\n"
    for table in TABLES
)
UNDO = "".join(f"DROP TRIGGER {table}_only_added ON {table};\n" for table in TABLES) + (
    "DROP FUNCTION assessment_only_added();"
)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_what_counts")]
    operations = [migrations.RunSQL(REFUSE, UNDO)]
