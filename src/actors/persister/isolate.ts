/** A fact that Postgres refuses must not hold up the others: the batch is halved until the culprit is alone. Pure. */
import { StopsignError } from '../../errors.ts';

export interface Refused<T> {
  readonly item: T;
  readonly reason: string;
}

/**
 * Inserts all that can be inserted and returns the others. Rejects when an insert fails for any other reason than the
 * data: then an unknown part is stored already, and all of it is to be inserted again.
 */
export async function insertIsolating<T>(
  items: readonly T[],
  insert: (items: readonly T[]) => Promise<void>,
): Promise<readonly Refused<T>[]> {
  if (items.length === 0) return [];
  try {
    await insert(items);
    return [];
  } catch (error) {
    if (!(error instanceof StopsignError) || error.code !== 'BAD_INPUT') throw error;
    if (items.length === 1) return [{ item: items[0] as T, reason: error.message }];
    const middle = items.length >> 1;
    const first = await insertIsolating(items.slice(0, middle), insert);
    return [...first, ...(await insertIsolating(items.slice(middle), insert))];
  }
}
