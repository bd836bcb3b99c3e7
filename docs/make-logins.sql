-- Makes the two logins and the database on a PostgreSQL server of your own. Run it once, as a superuser:
--
--     psql -f docs/make-logins.sql postgres
--
-- Another name for the database: psql -v database=clinic -f …. See docs/database-logins.md.
\set ON_ERROR_STOP on
\if :{?database}
\else
    \set database webqx
\endif

-- The owner of all tables, who migrates. The login that serves owns nothing and may do what migrations grant it.
CREATE ROLE webqx_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
CREATE ROLE webqx_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
-- The owner may become the application, to try what that may do, and end its sessions. It has every right of it anyway.
GRANT webqx_app TO webqx_owner;

CREATE DATABASE :"database" OWNER webqx_owner;
-- Everybody may connect to a new database, and make tables and functions for the time of a session.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO webqx_app;

\connect :"database"
-- A database that was made before PostgreSQL 15 lets everybody make tables in it.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
