-- Data inside the file: each COPY is a message of its own.
-- Depends: ward.0001_initial
CREATE TABLE speciality (code text PRIMARY KEY, title text NOT NULL);
COPY speciality (code, title) FROM stdin;
CARD	Cardiology; adults
NEUR	Neurology
\.
ALTER TABLE speciality ADD COLUMN ward_id bigint REFERENCES ward_ward;
COPY speciality (code, title) FROM stdin;
OBST	Obstetrics
\.
