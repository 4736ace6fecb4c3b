/** Where the hub's parts say what happens; its owner decides what becomes of it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type HubLog = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;
