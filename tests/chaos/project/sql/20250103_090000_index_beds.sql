-- Without blocking writers, hence outside of any transaction.
-- Depends: ward.0003_bed_speciality
-- step
SET statement_timeout = '1h';
-- step
CREATE INDEX CONCURRENTLY bed_speciality ON ward_bed (speciality, label);
-- step
COMMENT ON INDEX bed_speciality IS 'Beds by what they are for';
-- step
CREATE UNIQUE INDEX CONCURRENTLY bed_label_in_ward ON ward_bed (ward_id, label);
