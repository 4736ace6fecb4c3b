/** `stopsign up`: the launcher, as a command. */

/** Resolves with the exit code when everything has ended. */
export async function runUp(options: { config?: string | undefined; faults?: boolean }): Promise<number> {
  const { runLauncher } = await import('../launcher/run.ts');
  return runLauncher(options);
}
