/**
 * What a room is: an object that does bounded pieces of work. There is no thread inside, so the same actor runs on its
 * own thread (`runner`), folded into another loop (`invoker`), or by hand in a test.
 */

export interface Actor {
  readonly name: string;
  /** Called once before the first `doWork`; the actor is ready when it resolves. */
  onStart?(): Promise<void> | void;
  /**
   * One bounded piece of work. Returns how many things moved on: 0 means there is nothing to do now and the runner may
   * wait for the bell. Never waits longer than a heartbeat (250 ms) itself.
   */
  doWork(): Promise<number> | number;
  /** Called once at the end, also after an error: closes sockets, files and native handles. */
  onClose?(): Promise<void> | void;
  /**
   * The thread ends this moment although nobody asked it to: gives back at once what would abort the whole process. Also
   * called after `onClose`.
   */
  onExit?(): void;
  /** Operator's commands, reachable over the control plane by name. */
  readonly commands?: Readonly<Record<string, (argument: unknown) => Promise<unknown> | unknown>>;
}
