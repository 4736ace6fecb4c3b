/** The one state the page shows for the stream, from the player, the socket and what the server says. Pure. */
import type { LiveStatus } from '../../rpc/live.ts';
import type { PlayerState } from '../player/player-state.ts';
import { isAnswered, type StreamFailure } from '../player/stream-failure.ts';
import { FAILURE_WORDS, type FailureWords, isOfThisPage } from './failure-words.ts';
import type { SocketState } from './live-socket.ts';

export interface StreamWords {
  readonly tone: 'live' | 'connecting' | 'offline';
  /** Live, Connecting, Offline. */
  readonly label: string;
  /** Why, in one sentence; null when there is nothing to explain. */
  readonly reason: string | null;
  /** What can be done about it, in one sentence; null when that is nothing, or said in `reason`. */
  readonly remedy: string | null;
  /** When the page tries again, performance clock. */
  readonly retryAtMs: number | null;
}

/** Which link is broken: what the stream was refused for, or where that tells less what the analyzer knows of the camera. */
function brokenLink(failure: StreamFailure, socket: SocketState, status: LiveStatus | null): FailureWords {
  // What the socket said last is of before.
  const isSocketGone = socket.kind === 'waiting';
  if (isSocketGone && !isAnswered(failure)) return FAILURE_WORDS.unreachable;
  // A detail while frames come, or of a room that is down, is not about the picture.
  const isOfCamera = status?.stream === 'connecting' && status.pipeline !== 'down';
  if (!isSocketGone && isOfCamera && status.detail && !isOfThisPage(failure.kind) && failure.kind !== 'hub-down')
    return { reason: status.detail, remedy: null };
  return FAILURE_WORDS[failure.kind];
}

export function streamWords(player: PlayerState, socket: SocketState, status: LiveStatus | null): StreamWords {
  const isPlaying = player.kind === 'playing';
  if (isPlaying && socket.kind === 'waiting') {
    const reason = 'The picture plays, but the analyzer does not answer: no boxes for now.';
    return { tone: 'connecting', label: 'Video only', reason, remedy: null, retryAtMs: socket.retryAtMs };
  }
  if (isPlaying && status?.stream === 'connecting') {
    const reason = `The picture plays, but the analyzer has no frames${status.detail ? `: ${status.detail}` : '.'}`;
    return { tone: 'connecting', label: 'Video only', reason, remedy: null, retryAtMs: null };
  }
  if (isPlaying) {
    const reason = player.transport === 'hls' ? 'Playing over HLS, some seconds behind.' : null;
    return { tone: 'live', label: 'Live', reason, remedy: null, retryAtMs: null };
  }
  if (player.kind === 'blocked') {
    return {
      tone: 'connecting',
      label: 'Paused',
      reason: 'This browser waits for you to press play.',
      remedy: null,
      retryAtMs: null,
    };
  }
  if (player.kind === 'away') {
    return {
      tone: 'connecting',
      label: 'Paused',
      reason: 'Paused while nobody looked.',
      remedy: null,
      retryAtMs: null,
    };
  }
  if (player.kind === 'waiting') {
    const { retryAtMs } = player;
    return { tone: 'offline', label: 'Offline', ...brokenLink(player.failure, socket, status), retryAtMs };
  }
  // A sentence that came and went with every attempt could not be read.
  if (player.again && isOfThisPage(player.again.kind))
    return { tone: 'offline', label: 'Offline', ...brokenLink(player.again, socket, status), retryAtMs: null };
  const over = player.transport === 'hls' ? 'Opening the stream over HLS.' : 'Opening the stream.';
  return { tone: 'connecting', label: 'Connecting', reason: over, remedy: null, retryAtMs: null };
}
