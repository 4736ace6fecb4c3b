-- While a vehicle stands: what the next start has to know of it to find it again (see StandingVehicle in
-- src/domain/stop/standing-vehicle.ts). Null while it moves, and for tracks stored before this migration.
alter table tracks add column standing jsonb;
create index tracks_standing on tracks (camera, last_at desc) where standing is not null;
