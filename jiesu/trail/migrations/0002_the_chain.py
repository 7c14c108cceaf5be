"""The chain: what is added to the trail, or to another watched table, is linked when its transaction ends.

A statement that adds rows puts their digests into ``trail_pending``. At the end of the transaction, after
every other deferred check (those may wait for other people's rows), the pending ones join the chain: only
from there to the commit is the one head row held, so nobody who holds it waits for anybody. The digest of
a row is over the JSON array of its columns, moments as microseconds since 1970: no setting of a session
changes it.
"""

import django.contrib.postgres.fields
from django.db import migrations, models


CHAIN = """
CREATE UNLOGGED TABLE trail_pending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL, ids bigint[] NOT NULL, digests bytea[] NOT NULL,
    certificate bigint, note text NOT NULL, ripe boolean NOT NULL DEFAULT false
);
ALTER TABLE trail_link ALTER COLUMN digests SET STORAGE EXTERNAL;
ALTER TABLE trail_head SET (fillfactor = 10);

CREATE FUNCTION trail_append(
    new_source text, new_ids bigint[], new_digests bytea[], new_certificate bigint, new_note text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE
    old trail_head;
    new trail_link;
BEGIN
    SELECT * INTO old FROM trail_head WHERE id = 1 FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO trail_head (id, seq, rows, hash)
            SELECT 1, seq, rows, hash FROM (
                (SELECT seq, rows, hash FROM trail_link ORDER BY seq DESC LIMIT 1)
                UNION ALL SELECT 0, 0, decode(repeat('00', 32), 'hex') LIMIT 1
            ) AS found
            ON CONFLICT (id) DO NOTHING;
        SELECT * INTO STRICT old FROM trail_head WHERE id = 1 FOR UPDATE;
    END IF;
    -- a link that somebody put beyond the end must not stop the work: verification finds it
    new.seq := greatest(old.seq, (SELECT max(seq) FROM trail_link)) + 1;
    new.source := new_source;
    new.ids := new_ids;
    new.digests := new_digests;
    new.rows := old.rows + CASE WHEN new_certificate IS NULL THEN cardinality(new_ids) ELSE 0 END;
    new.at := clock_timestamp();
    new.role := session_user;
    new.program := left(current_setting('application_name'), 63);
    new.certificate := new_certificate;
    new.note := new_note;
    new.previous := old.hash;
    new.hash := sha256(new.previous || convert_to(jsonb_build_array(
        new.seq, new.source, new.rows, (extract(epoch FROM new.at) * 1000000)::bigint, new.role,
        new.program, new.certificate, new.note)::text, 'UTF8')
        || array_send(new.ids) || array_send(new.digests));
    INSERT INTO trail_link SELECT (new).*;
    UPDATE trail_head SET seq = new.seq, rows = new.rows, hash = new.hash WHERE id = 1;
    RETURN new.seq;
END $$;

CREATE FUNCTION trail_pend(
    new_source text, new_ids bigint[], new_digests bytea[], new_certificate bigint DEFAULT NULL,
    new_note text DEFAULT ''
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
    INSERT INTO trail_pending (source, ids, digests, certificate, note)
        VALUES (new_source, new_ids, new_digests, new_certificate, new_note)
$$;

CREATE FUNCTION trail_ripens() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    UPDATE trail_pending SET ripe = true WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE FUNCTION trail_joins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    PERFORM trail_append(NEW.source, NEW.ids, NEW.digests, NEW.certificate, NEW.note);
    DELETE FROM trail_pending WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER trail_pending_ripens AFTER INSERT ON trail_pending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trail_ripens();
CREATE CONSTRAINT TRIGGER trail_pending_joins AFTER UPDATE ON trail_pending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION trail_joins();

CREATE FUNCTION trail_entry_linked() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
BEGIN
    PERFORM trail_pend('entry', array_agg(id ORDER BY id), array_agg(digest ORDER BY id)) FROM (
        SELECT id, {entry} AS digest FROM added
    ) AS made HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER trail_entry_linked AFTER INSERT ON trail_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trail_entry_linked();

CREATE FUNCTION trail_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is only ever added to (%)', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER trail_entry_only_added BEFORE UPDATE OR DELETE ON trail_entry
    FOR EACH ROW EXECUTE FUNCTION trail_only_added();
CREATE TRIGGER trail_entry_never_emptied BEFORE TRUNCATE ON trail_entry
    FOR EACH STATEMENT EXECUTE FUNCTION trail_only_added();
CREATE TRIGGER trail_link_only_added BEFORE UPDATE OR DELETE ON trail_link
    FOR EACH ROW EXECUTE FUNCTION trail_only_added();
CREATE TRIGGER trail_link_never_emptied BEFORE TRUNCATE ON trail_link
    FOR EACH STATEMENT EXECUTE FUNCTION trail_only_added();

REVOKE ALL ON FUNCTION trail_append(text, bigint[], bytea[], bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION trail_pend(text, bigint[], bytea[], bigint, text) FROM PUBLIC;

SELECT trail_append('entry', array_agg(id ORDER BY id), array_agg(digest ORDER BY id), NULL, 'begin')
FROM (
    SELECT id, {entry} AS digest, (row_number() OVER (ORDER BY id) - 1) / 1000 AS part FROM trail_entry
) AS there GROUP BY part ORDER BY part;
"""
ENTRY = """sha256(convert_to(jsonb_build_array((extract(epoch FROM at) * 1000000)::bigint, kind, office,
    member, username, role, "case", number, subject, facts, address, session)::text, 'UTF8'))"""
UNDO = """
DROP TRIGGER trail_link_never_emptied ON trail_link;
DROP TRIGGER trail_link_only_added ON trail_link;
DROP TRIGGER trail_entry_never_emptied ON trail_entry;
DROP TRIGGER trail_entry_only_added ON trail_entry;
DROP FUNCTION trail_only_added();
DROP TRIGGER trail_entry_linked ON trail_entry;
DROP FUNCTION trail_entry_linked();
DROP TABLE trail_pending;
DROP FUNCTION trail_joins();
DROP FUNCTION trail_ripens();
DROP FUNCTION trail_pend(text, bigint[], bytea[], bigint, text);
DROP FUNCTION trail_append(text, bigint[], bytea[], bigint, text);
"""


def install(apps, schema_editor):
    """The functions look where the tables are, and nowhere else, whoever calls them."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(CHAIN.format(schema=schema, entry=ENTRY))


def remove(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(UNDO)


class Migration(migrations.Migration):

    dependencies = [
        ('trail', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Head',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField(verbose_name='环')),
                ('rows', models.BigIntegerField(verbose_name='累计行数')),
                ('hash', models.BinaryField(verbose_name='哈希')),
            ],
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('seq', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='环')),
                ('source', models.CharField(max_length=8, verbose_name='来源')),
                ('ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name='行')),
                ('digests', django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), size=None, verbose_name='各行摘要')),
                ('rows', models.BigIntegerField(verbose_name='累计行数')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('role', models.CharField(max_length=63, verbose_name='数据库用户')),
                ('program', models.CharField(max_length=63, verbose_name='程序')),
                ('certificate', models.BigIntegerField(null=True, verbose_name='清除证明')),
                ('note', models.CharField(max_length=80, verbose_name='说明')),
                ('previous', models.BinaryField(verbose_name='前一环')),
                ('hash', models.BinaryField(verbose_name='哈希')),
            ],
            options={
                'ordering': ['seq'],
                'indexes': [models.Index(condition=models.Q(('note', ''), _negated=True), fields=['seq'], name='trail_link_told')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
