/** The one tRPC client of the page: queries and mutations batched over HTTP, subscriptions as server-sent events. */
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import type { AppRouter } from '../../rpc/api/router.ts';

export const api = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: (operation) => operation.type === 'subscription',
      true: httpSubscriptionLink({ url: '/trpc' }),
      false: httpBatchLink({ maxItems: 20, url: '/trpc' }),
    }),
  ],
});
