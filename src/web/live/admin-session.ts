/** Whether this browser may change things, and getting in and out. The session itself is a cookie no script can read. */
import { type Accessor, createSignal } from 'solid-js';
import { describeFailure } from './polling.ts';
import { api } from './trpc.ts';

export interface AdminSession {
  /** undefined until the server has said. */
  readonly isAdmin: Accessor<boolean | undefined>;
  /** null = in; else why not, in words. */
  login(token: string): Promise<string | null>;
  logout(): Promise<void>;
  /** null = done; else why not, in words. A session that ended meanwhile is noticed. */
  restart(actor: string): Promise<string | null>;
}

export function createAdminSession(): AdminSession {
  const [isAdmin, setAdmin] = createSignal<boolean>();
  const failed = (error: unknown) => {
    const { message, code } = describeFailure(error);
    if (code === 'UNAUTHORIZED') setAdmin(false);
    return message;
  };
  api.admin.me.query().then(
    ({ admin }) => setAdmin(admin),
    () => setAdmin(false),
  );
  return {
    isAdmin,
    async login(token) {
      try {
        setAdmin((await api.admin.login.mutate({ token })).admin);
        return null;
      } catch (error) {
        return failed(error);
      }
    },
    async logout() {
      await api.admin.logout.mutate().catch(() => undefined);
      setAdmin(false);
    },
    async restart(actor) {
      try {
        await api.admin.restart.mutate({ actor });
        return null;
      } catch (error) {
        return failed(error);
      }
    },
  };
}
