/**
 * Sets the clock of this thread, as somebody might set the host's: what asks for the time of day gets another one, what
 * measures intervals does not. Of each thread of the analyzer when the fault is meant for the whole process.
 */

/** Ahead by `minutes`, and back again after `seconds`. */
export function jumpClock(minutes: number, seconds: number): void {
  const now = Date.now.bind(Date);
  const shifted = (): number => now() + minutes * 60_000;
  const before = Date.now;
  Date.now = shifted;
  setTimeout(() => {
    if (Date.now === shifted) Date.now = before;
  }, seconds * 1_000);
}
