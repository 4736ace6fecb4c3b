/** The one state the page shows for the stream, from the player, the socket and what the server says. Pure. */
import type { LiveStatus } from '../../rpc/live.ts';
import type { PlayerState } from '../player/player-state.ts';
import type { SocketState } from './live-socket.ts';

export interface StreamWords {
  readonly tone: 'live' | 'connecting' | 'offline';
  /** Live, Connecting, Offline. */
  readonly label: string;
  /** Why, in one sentence; null when there is nothing to explain. */
  readonly reason: string | null;
  /** When the page tries again, performance clock. */
  readonly retryAtMs: number | null;
}

export function streamWords(player: PlayerState, socket: SocketState, status: LiveStatus | null): StreamWords {
  const isPlaying = player.kind === 'playing';
  if (isPlaying && socket.kind === 'waiting') {
    const reason = 'The picture plays, but the analyzer does not answer: no boxes for now.';
    return { tone: 'connecting', label: 'Video only', reason, retryAtMs: socket.retryAtMs };
  }
  if (isPlaying && status?.stream === 'connecting') {
    const reason = `The picture plays, but the analyzer has no frames${status.detail ? `: ${status.detail}` : '.'}`;
    return { tone: 'connecting', label: 'Video only', reason, retryAtMs: null };
  }
  if (isPlaying) {
    const reason = player.transport === 'hls' ? 'Playing over HLS, some seconds behind.' : null;
    return { tone: 'live', label: 'Live', reason, retryAtMs: null };
  }
  if (player.kind === 'blocked') {
    return {
      tone: 'connecting',
      label: 'Paused',
      reason: 'This browser waits for you to press play.',
      retryAtMs: null,
    };
  }
  if (player.kind === 'away') {
    return { tone: 'connecting', label: 'Paused', reason: 'Paused while nobody looked.', retryAtMs: null };
  }
  if (player.kind === 'waiting') {
    // What the socket said last is of before.
    const isSocketGone = socket.kind === 'waiting';
    const isServerGone = isSocketGone && !player.isAnswered;
    const said = isSocketGone ? null : status?.detail;
    const reason = isServerGone ? 'The server does not answer.' : (said ?? player.reason);
    return { tone: 'offline', label: 'Offline', reason, retryAtMs: player.retryAtMs };
  }
  const over = player.transport === 'hls' ? 'Opening the stream over HLS.' : 'Opening the stream.';
  return { tone: 'connecting', label: 'Connecting', reason: over, retryAtMs: null };
}
