-- Roles, databases and rights of the cluster. Run by roles.sh as the superuser; safe to
-- repeat, also on a database that one role has owned so far. Passwords come from the
-- environment by \getenv, so that no command line and no log holds one.
\set ON_ERROR_STOP on
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;
SET client_min_messages = 'warning';
SET password_encryption = 'scram-sha-256';

\getenv db DB_NAME
\getenv app DB_USER
\getenv app_password DB_PASSWORD
\getenv migrate DB_MIGRATE_USER
\getenv migrate_password DB_MIGRATE_PASSWORD
\getenv reader DB_READ_USER
\getenv reader_password DB_READ_PASSWORD
\getenv kratos_password KRATOS_DB_PASSWORD
\getenv replica_password DB_REPLICA_PASSWORD

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY[:'migrate', :'app', :'reader', 'kratos', 'karima_replica']) AS wanted(name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE :"migrate" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'migrate_password';
ALTER ROLE :"app" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'app_password';
ALTER ROLE :"reader" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'reader_password';
ALTER ROLE :"reader" SET default_transaction_read_only = on;
ALTER ROLE :"reader" SET statement_timeout = '60s';
ALTER ROLE kratos LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'kratos_password';
-- Without a password nobody can sign in as it.
ALTER ROLE karima_replica LOGIN REPLICATION NOSUPERUSER NOCREATEDB NOCREATEROLE
    PASSWORD :'replica_password';

SELECT format('CREATE DATABASE %I OWNER %I', name, owner)
FROM (VALUES (:'db', :'migrate'), ('kratos', 'kratos')) AS wanted(name, owner)
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \gexec
ALTER DATABASE :"db" OWNER TO :"migrate";
ALTER DATABASE kratos OWNER TO kratos;
REVOKE ALL ON DATABASE :"db", kratos, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE :"db" TO :"app", :"reader";

\connect kratos
SET client_min_messages = 'warning';
ALTER SCHEMA public OWNER TO kratos;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

\connect :"db"
SET client_min_messages = 'warning';
-- What the application's role owned before there was one for migrations.
REASSIGN OWNED BY :"app" TO :"migrate";
ALTER SCHEMA public OWNER TO :"migrate";
REVOKE ALL ON SCHEMA public FROM PUBLIC, :"app";
GRANT USAGE ON SCHEMA public TO :"app", :"reader";

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"app";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"app";
GRANT SELECT ON ALL TABLES IN SCHEMA public TO :"reader";
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO :"reader";
GRANT pg_monitor TO :"reader";
-- How much of the log waits for the archive, which the shop's metrics tell.
GRANT EXECUTE ON FUNCTION pg_ls_archive_statusdir() TO :"app";

-- The same for what later migrations make.
ALTER DEFAULT PRIVILEGES FOR ROLE :"migrate" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"migrate" IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"migrate" IN SCHEMA public
    GRANT SELECT ON TABLES TO :"reader";
ALTER DEFAULT PRIVILEGES FOR ROLE :"migrate" IN SCHEMA public
    GRANT SELECT ON SEQUENCES TO :"reader";

-- History: a table whose trigger is named *_append_only loses the rights to change and
-- delete the moment a migration makes that trigger, and here for those there are. The
-- trigger refuses rows; this refuses TRUNCATE and a trigger that is switched off.
CREATE SCHEMA IF NOT EXISTS karima_rights;
CREATE OR REPLACE FUNCTION karima_rights.restrict_history() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT DISTINCT c.oid::regclass AS history, a.grantee::regrole AS role
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid,
            LATERAL aclexplode(c.relacl) a
        WHERE NOT t.tgisinternal AND t.tgname LIKE '%\_append\_only'
            AND a.grantee NOT IN (0, c.relowner)
            AND a.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %s',
            found.history, found.role);
        -- An erasure empties the address; the trigger lets nothing else through.
        IF found.history::text = 'public.accounts_consent' THEN
            EXECUTE format('GRANT UPDATE (ip) ON %s TO %s', found.history, found.role);
        END IF;
    END LOOP;
END
$$;
CREATE OR REPLACE FUNCTION karima_rights.on_create_trigger() RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    PERFORM karima_rights.restrict_history();
END
$$;
GRANT USAGE ON SCHEMA karima_rights TO :"migrate";
DROP EVENT TRIGGER IF EXISTS karima_restrict_history;
CREATE EVENT TRIGGER karima_restrict_history ON ddl_command_end
    WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION karima_rights.on_create_trigger();
SELECT karima_rights.restrict_history() \g /dev/null
