-- Generated from `schema.toml` by `make generate`; do not edit. Once released, it never changes.
--
-- The audit trail: an append-only table, a role that may only add to it, a view to read it.
-- Needs PostgreSQL 15 or newer and a login that owns the database and has CREATEROLE; no superuser.
-- Superusers and the owner can take every safeguard away. Applying it again does no harm.

-- Roles: nobody logs in as these. Logins are granted `kyros_audit_writer` or `kyros_audit_reader`.

DO $$
DECLARE
    needed text;
BEGIN
    FOREACH needed IN ARRAY ARRAY['kyros_audit_owner', 'kyros_audit_writer', 'kyros_audit_reader']
    LOOP
        CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = needed);
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', needed);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- Another database of this server was faster.
        END;
    END LOOP;
END
$$;

-- From version 16 on, a role's creator may grant it but doesn't inherit from it.
DO $$
BEGIN
    IF NOT pg_has_role('kyros_audit_owner', 'USAGE') THEN
        GRANT kyros_audit_owner TO CURRENT_USER;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'the table will be owned by %, who may not become kyros_audit_owner', current_user;
END
$$;

CREATE SCHEMA IF NOT EXISTS kyros_audit;

CREATE TABLE IF NOT EXISTS kyros_audit.migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    applied_by text NOT NULL DEFAULT current_user
);

-- The table. Delivery may repeat an event; the constraint makes that harmless, and is the only one
-- that a repeated event can meet.

CREATE TABLE IF NOT EXISTS public.audit_logs (
{columns},
    CONSTRAINT audit_logs_event UNIQUE NULLS NOT DISTINCT ({key})
) PARTITION BY RANGE ({time});

{comments}

{indexes}

-- What no month was made for, such as an event under a wrong clock.
CREATE TABLE IF NOT EXISTS kyros_audit.audit_logs_default PARTITION OF public.audit_logs DEFAULT;

-- Append-only. The statement's trigger refuses even where no row is met, and TRUNCATE; it isn't
-- inherited, so each partition has its own. ALWAYS: also under session_replication_role = replica.

CREATE OR REPLACE FUNCTION kyros_audit.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on %: the audit trail is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE OR REPLACE FUNCTION kyros_audit.guard(guarded regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    guard record;
BEGIN
    FOR guard IN VALUES
        ('audit_logs_keep_row', 'UPDATE OR DELETE', 'ROW'),
        ('audit_logs_keep_all', 'UPDATE OR DELETE OR TRUNCATE', 'STATEMENT')
    LOOP
        IF NOT EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = guarded AND tgname = guard.column1
        ) THEN
            EXECUTE format(
                'CREATE TRIGGER %I BEFORE %s ON %s FOR EACH %s EXECUTE FUNCTION kyros_audit.refuse()',
                guard.column1, guard.column2, guarded, guard.column3
            );
        END IF;
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', guarded, guard.column1);
    END LOOP;
END
$$;

SELECT kyros_audit.guard('public.audit_logs'), kyros_audit.guard('kyros_audit.audit_logs_default');

-- Months, in UTC. They are attached rather than created in place, which would lock out readers.

CREATE OR REPLACE FUNCTION kyros_audit.make_month(month date) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    first timestamptz := date_trunc('month', month);
    part text := format('kyros_audit.audit_logs_%s', to_char(first, 'YYYY_MM'));
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE %s (LIKE public.audit_logs INCLUDING DEFAULTS INCLUDING COMMENTS)', part
    );
    EXECUTE format(
        'ALTER TABLE public.audit_logs ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        part, first, first + interval '1 month'
    );
    PERFORM kyros_audit.guard(part::regclass);
    RETURN true;
EXCEPTION WHEN check_violation THEN
    RAISE WARNING 'rows of % are in the default partition, and stay there', to_char(first, 'YYYY-MM');
    RETURN false;
END
$$;

-- The current month and those ahead. The writers call it daily; they may make nothing else.
CREATE OR REPLACE FUNCTION kyros_audit.make_months(ahead integer DEFAULT 3) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('kyros_audit.make_months'));
    FOR distance IN 0..least(greatest(ahead, 0), 24) LOOP
        IF kyros_audit.make_month((now() + make_interval(months => distance))::date) THEN
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END
$$;

-- Retention: drops the months of which every row is older; returns their names. The owner's alone.
CREATE OR REPLACE FUNCTION kyros_audit.drop_months(keep_days integer DEFAULT {keep}) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET lock_timeout = '5s' AS $$
DECLARE
    part text;
BEGIN
    IF keep_days IS NULL OR keep_days < {floor} THEN
        RAISE EXCEPTION 'audit rows are kept {floor} days or more: %', keep_days
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR part IN
        SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid
        WHERE inhparent = 'public.audit_logs'::regclass AND relname ~ '^audit_logs_\d{4}_\d\d$'
        AND to_date(right(relname, 7), 'YYYY_MM') + interval '1 month'
            <= now() - make_interval(days => keep_days)
        ORDER BY relname
    LOOP
        EXECUTE format('DROP TABLE kyros_audit.%I', part);
        RETURN NEXT part;
    END LOOP;
END
$$;

-- For analysts: the rows as they are, under a role that may do nothing else.
CREATE OR REPLACE VIEW public.audit_events WITH (security_barrier = true) AS
SELECT {names} FROM public.audit_logs;

-- Everything goes to the role that nobody logs in as, where the login may hand it over.
GRANT USAGE, CREATE ON SCHEMA public TO kyros_audit_owner;

DO $$
DECLARE
    ours record;
BEGIN
    ALTER SCHEMA kyros_audit OWNER TO kyros_audit_owner;
    ALTER TABLE public.audit_logs OWNER TO kyros_audit_owner;
    ALTER VIEW public.audit_events OWNER TO kyros_audit_owner;
    FOR ours IN
        SELECT oid::regclass AS name FROM pg_catalog.pg_class
        WHERE relnamespace = 'kyros_audit'::regnamespace AND relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO kyros_audit_owner', ours.name);
    END LOOP;
    FOR ours IN
        SELECT oid::regprocedure AS name FROM pg_catalog.pg_proc
        WHERE pronamespace = 'kyros_audit'::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO kyros_audit_owner', ours.name);
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'the audit trail stays owned by %: %', current_user, SQLERRM;
END
$$;

-- Rights. The owner can read; to change rows it would have to grant itself that, and meet the guards.
REVOKE CREATE ON SCHEMA public FROM kyros_audit_owner;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA kyros_audit FROM PUBLIC;
REVOKE ALL ON public.audit_logs, public.audit_events FROM PUBLIC;

DO $$
DECLARE
    owner text := (
        SELECT pg_catalog.pg_get_userbyid(relowner) FROM pg_catalog.pg_class
        WHERE oid = 'public.audit_logs'::regclass
    );
BEGIN
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON public.audit_logs FROM %I', owner);
END
$$;

GRANT USAGE ON SCHEMA public, kyros_audit TO kyros_audit_writer;
GRANT INSERT ON public.audit_logs TO kyros_audit_writer;
GRANT EXECUTE ON FUNCTION kyros_audit.make_months(integer) TO kyros_audit_writer;
GRANT USAGE ON SCHEMA public TO kyros_audit_reader;
GRANT SELECT ON public.audit_events TO kyros_audit_reader;

SELECT kyros_audit.make_months();
