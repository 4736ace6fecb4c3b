// A launcher that opens the embedded Postgres of a folder, says where it is, and then hangs until it is killed
// (or, told `close`, closes it and ends). Runs the compiled code.
import pino from 'pino';
import { EmbeddedPostgres } from '../../../dist/launcher/embedded-postgres.js';

const [dataDir, what] = process.argv.slice(2);
const server = await EmbeddedPostgres.open({ dataDir, log: pino({ level: 'silent' }) });
process.stdout.write(`${JSON.stringify({ pid: server.pid, url: server.url })}\n`);
if (what === 'close') await server.close();
else setInterval(() => {}, 60_000);
