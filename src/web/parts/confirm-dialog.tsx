/** Asks before something is done that interrupts others. */
import { Dialog } from './dialog.tsx';

export interface ConfirmDialogProps {
  readonly isOpen: boolean;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Dialog isOpen={props.isOpen} title={props.title} onClose={props.onCancel}>
      <p class="dialog-text">{props.text}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={() => props.onCancel()}>
          Cancel
        </button>
        <button type="button" class="button is-primary" data-testid="confirm" onClick={() => props.onConfirm()}>
          {props.action}
        </button>
      </div>
    </Dialog>
  );
}
