-- The highest track number of a camera is asked for at every start (see max-track-id.ts).
create index events_by_track on events (camera, track_id) where track_id is not null;
create index passes_by_track on passes (camera, track_id);
