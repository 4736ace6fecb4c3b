/**
 * A scenario through the analyzer, in one call: the site of its true camera, synthetic detections, events out. Used by
 * tests and measurements of the judge; no file, no thread, no picture.
 */
import { configVersion } from '../config/config-version.ts';
import { createAnalyzer, finish, step } from '../domain/site-analyzer.ts';
import type { DomainEvent, PassEvent, Site, TrackView } from '../domain/types.ts';
import { type ObserveOptions, observe } from './observe.ts';
import type { Scenario } from './scenario.ts';
import { siteOf } from './site-of.ts';

export interface JudgedScenario {
  readonly site: Site;
  readonly events: readonly DomainEvent[];
  readonly passes: readonly PassEvent[];
  /** What the live page would show, for id switches. */
  readonly views: readonly { readonly tsUtc: number; readonly tracks: readonly TrackView[] }[];
  readonly frames: number;
}

export function judgeScenario(scenario: Scenario, options: Partial<ObserveOptions> = {}): JudgedScenario {
  const site = siteOf(scenario);
  let state = createAnalyzer({
    camera: scenario.name,
    site,
    configVersion: configVersion(site),
    modelSha256: null,
    firstTrackId: 1,
  });
  const events: DomainEvent[] = [];
  const views: JudgedScenario['views'][number][] = [];
  for (const observation of observe(scenario, options)) {
    const [next, output] = step(state, observation);
    state = next;
    events.push(...output.events);
    views.push({ tsUtc: observation.tsUtc, tracks: output.tracks });
  }
  events.push(...finish(state).events);
  return { site, events, passes: events.filter((e): e is PassEvent => e.type === 'pass'), views, frames: views.length };
}
