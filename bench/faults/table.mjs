/** Many injections of each fault as one row each. */
import { FAULTS, nameOf } from './catalog.mjs';
import { passesBetween } from './passes.mjs';

export function summarize(runs, lap, passes) {
  const groups = new Map();
  for (const run of runs) groups.set(nameOf(run), [...(groups.get(nameOf(run)) ?? []), run]);
  return [...groups].map(([fault, group]) => {
    const at = (key, share) => {
      const values = group.map((run) => run[key]).filter((value) => value !== null);
      values.sort((a, b) => a - b);
      return values.length === 0 ? null : Math.round(values[Math.floor(share * (values.length - 1))]);
    };
    const told = group.map((run) => passesBetween(run.injectedUtc, run.endedUtc, lap, passes));
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    const exits = {};
    for (const run of group) for (const [part, n] of Object.entries(run.exits)) exits[part] = (exits[part] ?? 0) + n;
    return {
      fault,
      n: group.length,
      causes: [...new Set(group.map(({ cause }) => cause).filter(Boolean))],
      detectedP50Ms: at('detectedMs', 0.5),
      detectedMaxMs: at('detectedMs', 1),
      recoveredP50Ms: at('recoveredMs', 0.5),
      recoveredMaxMs: at('recoveredMs', 1),
      framesLostP50: at('framesLost', 0.5),
      passesInView: sum(told.map(({ expected }) => expected)),
      passesLost: sum(told.map(({ lost }) => lost.length)),
      passesIncomplete: sum(told.map(({ incomplete }) => incomplete)),
      exits,
      unnoticed: group.filter(({ detectedMs }) => detectedMs === null).length,
      unrecovered: group.filter(({ recoveredMs }) => recoveredMs === null).length,
      wrong: sum(group.map(({ wrong }) => wrong)),
    };
  });
}

export function table(rows) {
  const s = (ms) => (ms === null ? '–' : (ms / 1000).toFixed(2));
  const mark = (name) => {
    const fault = FAULTS.find((one) => nameOf(one) === name);
    return fault?.lasts ? ` ¹ (${fault.seconds} s)` : fault?.dies ? ' ²' : '';
  };
  const head = [
    '| fault | n | seen as | detected p50 / max, s | recovered p50 / max, s | frames p50 | passes in view / incomplete / lost | process exits | unnoticed | unrecovered | wrong |',
    '| --- | --: | --- | --: | --: | --: | --: | --- | --: | --: | --: |',
  ];
  const lines = rows.map((r) => {
    const exits = Object.entries(r.exits).map(([part, n]) => `${part} ${n}`);
    const cells = [
      r.fault + mark(r.fault),
      r.n,
      r.causes.join(', ') || '–',
      `${s(r.detectedP50Ms)} / ${s(r.detectedMaxMs)}`,
      `${s(r.recoveredP50Ms)} / ${s(r.recoveredMaxMs)}`,
      r.framesLostP50,
      `${r.passesInView} / ${r.passesIncomplete} / ${r.passesLost}`,
      exits.join(', ') || '0',
      r.unnoticed,
      r.unrecovered,
      r.wrong,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const notes = [
    '¹ It lasts that long whatever the house does: recovery counts from its end.',
    '² It ends with the thread that has it: recovery counts from when that was noticed.',
  ];
  return `${[...head, ...lines].join('\n')}\n\n${notes.join('  \n')}\n`;
}
