import { A } from '@solidjs/router';
import { Notice } from '../parts/notice.tsx';

export function NotFound() {
  return (
    <div class="card is-lonely">
      <Notice
        icon="alert"
        title="There is no such page"
        action={
          <A class="button is-primary" href="/">
            To the live picture
          </A>
        }
      >
        The address may be mistyped, or the page has moved.
      </Notice>
    </div>
  );
}
