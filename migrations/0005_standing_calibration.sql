-- Under which calibration a track was followed (see calibrationVersion in src/config/config-version.ts): the place of a
-- vehicle that stands means nothing under another. Null for tracks stored before this migration.
alter table tracks add column calibration text;
