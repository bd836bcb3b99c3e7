-- The application's login may do nothing any more. Its role stays: it is the server's.

BEGIN;

DO $$
BEGIN
    IF to_regrole('webqx_app') IS NOT NULL THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA public FROM webqx_app;
        REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM webqx_app;
    END IF;
END $$;

DROP FUNCTION revoke_application(regclass[]);
DROP FUNCTION grant_application(text, regclass[]);

COMMIT;
