import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { Icon } from "./icon";

/**
 * A panel at the side, or over the whole page on a small screen. The native dialog traps the focus,
 * closes with Esc and restores the focus.
 */
export function Drawer({
  title,
  children,
  onClose,
  narrow = false,
}: {
  title: string;
  children: ComponentChildren;
  onClose(): void;
  narrow?: boolean;
}) {
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes it too
    <dialog
      ref={dialog}
      class={narrow ? "modal" : "drawer"}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="sheet">
        <header>
          <h2 id={titleId}>{title}</h2>
          <button type="button" class="quiet square" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <div class="body">{children}</div>
      </div>
    </dialog>
  );
}
