/** The admin token, exchanged for a session. */
import { createSignal, Show } from 'solid-js';

export interface LoginFormProps {
  /** Gets the field, for whoever leads there. */
  readonly ref?: (field: HTMLInputElement) => void;
  /** Says why not, or null. */
  readonly onLogin: (token: string) => Promise<string | null>;
}

export function LoginForm(props: LoginFormProps) {
  const [problem, setProblem] = createSignal<string | null>(null);
  const [isBusy, setBusy] = createSignal(false);
  let field!: HTMLInputElement;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    const reason = await props.onLogin(field.value.trim());
    setBusy(false);
    setProblem(reason);
    if (reason !== null) field.select();
  };
  return (
    <form class="login" data-testid="login" onSubmit={submit}>
      <label class="field">
        <span class="field-name">Admin token</span>
        <input
          ref={(made) => {
            field = made;
            props.ref?.(made);
          }}
          type="password"
          name="token"
          autocomplete="current-password"
          required
          aria-invalid={problem() !== null}
          aria-describedby="login-help"
        />
      </label>
      <button type="submit" class="button is-primary" disabled={isBusy()}>
        {isBusy() ? 'Checking …' : 'Log in'}
      </button>
      <p
        id="login-help"
        class="login-help"
        classList={{ 'is-bad': problem() !== null }}
        role={problem() ? 'alert' : undefined}
      >
        <Show when={problem()} fallback="It was printed at the first start, or is STOPSIGN_ADMIN_TOKEN.">
          {problem()}
        </Show>
      </p>
    </form>
  );
}
