-- step
DROP INDEX CONCURRENTLY bed_label_in_ward;
-- step
DROP INDEX CONCURRENTLY bed_speciality;
