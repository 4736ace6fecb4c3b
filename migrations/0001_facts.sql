-- What the persister stores. Every table has a natural key, because a fact may be delivered more than once.
-- Files in this folder are forward only: one that has run anywhere is never edited again (its sha256 is checked).

create table cameras (
  name          text primary key,
  site          jsonb,
  first_seen_at timestamptz not null,
  last_seen_at  timestamptz not null
);

-- One row a frame; the only table that is purged. boxes holds x1, y1, x2, y2, score of each detection in turn.
create table detections (
  camera  text        not null,
  ts      timestamptz not null,
  epoch   bigint      not null,
  frame   bigint      not null,
  rtp     bigint      not null,
  width   integer     not null,
  height  integer     not null,
  boxes   real[]      not null,
  classes text[]      not null,
  primary key (camera, ts, epoch, frame)
);

create table tracks (
  camera   text        not null,
  track_id bigint      not null,
  class    text        not null,
  first_at timestamptz not null,
  last_at  timestamptz not null,
  frames   bigint      not null,
  parked   boolean     not null,
  ended    boolean     not null,
  last     jsonb       not null,
  primary key (camera, track_id)
);
create index tracks_by_time on tracks (camera, last_at desc);

-- Everything that happened except passes; incidents are events of type incident.
create table events (
  id       text        primary key,
  camera   text,
  type     text        not null,
  track_id bigint,
  ts       timestamptz not null,
  body     jsonb       not null
);
create index events_by_type on events (type, ts desc, id desc);
create index events_by_camera on events (camera, ts desc);

-- body is the event as it was sent; the columns are for questions.
create table passes (
  id                text             primary key,
  camera            text             not null,
  track_id          bigint           not null,
  vehicle           text             not null,
  entered_at        timestamptz      not null,
  exited_at         timestamptz      not null,
  verdict           text             not null
    check (verdict in ('full_stop', 'rolling_stop', 'no_stop', 'indeterminate')),
  reason            text             not null,
  forced            boolean          not null,
  encroached        boolean          not null,
  complete          boolean          not null,
  stopped_s         double precision,
  stopped_s_lo      double precision,
  stopped_s_hi      double precision,
  min_speed         double precision,
  min_speed_lo      double precision,
  min_speed_hi      double precision,
  min_speed_unit    text,
  min_speed_at      timestamptz,
  approach_speed    double precision,
  approach_speed_lo double precision,
  approach_speed_hi double precision,
  approach_speed_unit text,
  stop_distance_m    double precision,
  stop_distance_m_lo double precision,
  stop_distance_m_hi double precision,
  time_in_zone_s    double precision not null,
  sample_count      integer          not null,
  config_version    text             not null,
  model_sha256      text,
  body              jsonb            not null,
  samples           jsonb
);
create index passes_by_time on passes (entered_at desc, id desc);
create index passes_by_camera on passes (camera, entered_at desc, id desc);

-- One row a minute of a camera's session.
create table session_metrics (
  camera         text        not null,
  epoch          bigint      not null,
  from_at        timestamptz not null,
  to_at          timestamptz not null,
  frames_decoded bigint      not null,
  frames_dropped bigint      not null,
  frames_skipped bigint      not null,
  frames_tracked bigint      not null,
  latency_p50_ms double precision,
  latency_p95_ms double precision,
  primary key (camera, from_at, epoch)
);
