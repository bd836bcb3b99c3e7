"""Raw SQL files as Django migrations: `YYYYMMDD_HHMMSS_description.sql` beside the ORM's, in one plan."""
