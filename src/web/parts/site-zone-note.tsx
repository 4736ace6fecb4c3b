/** Says whose clock the times are, to whoever looks from another zone. */
import { Show } from 'solid-js';
import { useSiteTime } from '../live/site-time.ts';

export function SiteZoneNote() {
  const time = useSiteTime();
  return (
    <Show when={time.foreignZone(Date.now())}>
      {(zone) => (
        <p class="zone-note" data-testid="zone-note">
          Times are those of the site: {zone().replaceAll('_', ' ')}
        </p>
      )}
    </Show>
  );
}
