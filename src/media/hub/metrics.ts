/**
 * What the hub has done, for Prometheus: `GET /metrics` of the control port, with MediaMTX's names, and one of ours. Pure; called
 * by the control API.
 */
import type { PathEntry } from './path-table.ts';

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  samples(entry: PathEntry): [labels: string, value: number][];
}

const FAMILIES: readonly Family[] = [
  {
    name: 'paths',
    type: 'gauge',
    help: 'Paths, ready while there is a stream.',
    samples: () => [['', 1]],
  },
  {
    name: 'paths_readers',
    type: 'gauge',
    help: 'Readers of each kind.',
    samples: ({ stream }) =>
      (['rtspSession', 'webRTCSession'] as const).map((type) => [
        `,readerType="${type}"`,
        stream?.readers.filter((reader) => reader.type === type).length ?? 0,
      ]),
  },
  {
    name: 'paths_inbound_bytes',
    type: 'counter',
    help: 'RTP bytes of the video track from the publisher, since he began.',
    samples: ({ stream }) => [['', stream?.inboundBytes ?? 0]],
  },
  {
    name: 'paths_outbound_bytes',
    type: 'counter',
    help: 'RTP bytes for the readers, since the publisher began.',
    samples: ({ stream }) => [['', stream?.outboundBytes ?? 0]],
  },
  {
    name: 'stopsign_hub_left_out_packets',
    type: 'counter',
    help: 'RTP packets that readers were too slow for, since the publisher began.',
    samples: ({ stream }) => [['', stream?.leftOutPackets ?? 0]],
  },
];

/** Path names need no escaping: see `PathTable.isValidName`. */
export function formatMetrics(paths: readonly PathEntry[]): string {
  const lines = FAMILIES.flatMap(({ name, type, help, samples }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...paths.flatMap((entry) =>
      samples(entry).map(([labels, value]) => {
        const state = entry.stream ? 'ready' : 'notReady';
        return `${name}{name="${entry.name}",state="${state}"${labels}} ${value}`;
      }),
    ),
  ]);
  return `${lines.join('\n')}\n`;
}
