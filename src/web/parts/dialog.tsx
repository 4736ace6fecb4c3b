/** A modal on the browser's own <dialog>: focus stays inside, Escape closes, focus returns where it was. */
import { createEffect, type JSX } from 'solid-js';

export interface DialogProps {
  readonly isOpen: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: JSX.Element;
}

export function Dialog(props: DialogProps) {
  let element!: HTMLDialogElement;
  createEffect(() => {
    if (props.isOpen && !element.open) element.showModal();
    else if (!props.isOpen && element.open) element.close();
  });
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click is on the backdrop; Escape closes a modal dialog by itself
    <dialog
      ref={element}
      class="dialog"
      aria-label={props.title}
      // At once, not with the close event that comes later: it may have been opened again by then.
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClose={() => element.open || props.onClose()}
      onClick={(event) => event.target === element && props.onClose()}
    >
      <div class="dialog-body">
        <h2 class="dialog-title">{props.title}</h2>
        {props.children}
      </div>
    </dialog>
  );
}
