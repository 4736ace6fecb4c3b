/** A child of the launcher shows that its main thread is alive: it answers pings on the channel between the two. */

/** Called once, at the start of a process; without a parent that asks it does nothing. */
export function answerPings(): void {
  process.on('message', (message: { readonly type?: unknown } | null) => {
    // Whoever asked may be gone meanwhile: that is noticed elsewhere.
    if (message?.type === 'ping') process.send?.({ type: 'pong' }, undefined, undefined, () => {});
  });
}
