/** What the persister says of Postgres, read from its row on the status board. */
import type { DatabaseState } from '../../rpc/api/types.ts';
import type { StatusBoard } from '../../shm/status-board.ts';

/** In the order of the numbers that the persister writes into `gauge0`. */
const STATES: readonly DatabaseState[] = ['ok', 'spooling', 'down'];

export function databaseState(board: StatusBoard): DatabaseState {
  const row = board.row('persister');
  return row.state === 'running' ? (STATES[row.get('gauge0')] ?? 'down') : 'down';
}
