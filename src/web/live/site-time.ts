/**
 * The clock of the site that is being looked at: every time and day on the page goes by it, as the reasons and the counts of today
 * do. Without a camera, and outside of the page, it is the viewer's.
 */
import { type Accessor, createContext, useContext } from 'solid-js';
import { formatClock, formatDay, formatMinute } from '../parts/format.ts';

export const SiteZone = createContext<Accessor<string | undefined>>(() => undefined);

export interface SiteTime {
  clock(utcS: number): string;
  minute(utcS: number): string;
  day(utcS: number, nowMs: number): string;
  /** The site's zone where its clock shows another time than the viewer's does; else null. */
  foreignZone(nowMs: number): string | null;
}

export function useSiteTime(): SiteTime {
  const zone = useContext(SiteZone);
  return {
    clock: (utcS) => formatClock(utcS, zone()),
    minute: (utcS) => formatMinute(utcS, zone()),
    day: (utcS, nowMs) => formatDay(utcS, nowMs, zone()),
    foreignZone: (nowMs) => {
      const known = zone();
      return known !== undefined && isElsewhere(known, nowMs / 1_000) ? known : null;
    },
  };
}

function isElsewhere(timeZone: string, nowS: number): boolean {
  // Also the day: some islands are a whole day apart.
  const moment = (zone?: string) => `${formatDay(nowS, 0, zone)} ${formatClock(nowS, zone)}`;
  return moment(timeZone) !== moment();
}
