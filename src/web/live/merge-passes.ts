/** Two lists of passes as one: newest first, each id once; of two with one id the first list's wins. Pure. */
import type { PassEvent } from '../../domain/types.ts';

export function mergePasses(preferred: readonly PassEvent[], others: readonly PassEvent[]): PassEvent[] {
  const byId = new Map<string, PassEvent>();
  for (const pass of [...others, ...preferred]) byId.set(pass.id, pass);
  return [...byId.values()].sort((a, b) => b.entered_utc - a.entered_utc || (a.id < b.id ? 1 : -1));
}
