/** What people read when the house is ready. Pure. */
import type { AdminToken } from '../config/admin-token.ts';

export interface BannerFacts {
  readonly url: string;
  readonly admin: AdminToken;
  /** In words, e.g. `front, back` or `demo clip`. */
  readonly cameras: readonly string[];
  readonly isDemo: boolean;
  readonly model: string;
  readonly database: 'embedded' | 'external';
  readonly hub: string;
  readonly dataDir: string;
  /** Since the command was given. */
  readonly readyMs: number;
}

export function banner(facts: BannerFacts, isColoured: boolean): string {
  const bold = (text: string): string => (isColoured ? `\u001b[1m${text}\u001b[22m` : text);
  const rows: [label: string, value: string][] = [
    ['open', bold(facts.url)],
    ['admin', `${facts.url}/admin   ${tokenSentence(facts.admin)}`],
    ['camera', facts.isDemo ? 'the demo clip, played in a loop' : facts.cameras.join(', ')],
    ['model', facts.model],
    ['database', facts.database === 'embedded' ? `embedded, in ${facts.dataDir}` : 'the one in DATABASE_URL'],
    ['hub', facts.hub],
  ];
  const lines = rows.map(([label, value]) => `  ${label.padEnd(9)} ${value}`);
  if (facts.isDemo) {
    lines.push('', '  Your own camera: copy config/stopsign.example.yaml to stopsign.yaml, fill it in, start again.');
  }
  const seconds = (facts.readyMs / 1000).toFixed(1);
  return ['', `  ${bold('StopSign is running')} (ready in ${seconds} s). Ctrl-C stops it.`, '', ...lines, '', ''].join(
    '\n',
  );
}

/** The token itself is shown once, when it is made. */
function tokenSentence({ token, file, isNew }: AdminToken): string {
  if (file === null) return 'the token is in STOPSIGN_ADMIN_TOKEN';
  return isNew ? `token ${token}   (kept in ${file}, not shown again)` : `the token is in ${file}`;
}
