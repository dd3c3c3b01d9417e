import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A disclosure menu. Esc and a click outside close it. */
export function Menu({
  class: name,
  summary,
  children,
  onOpen,
}: {
  class?: string;
  summary: ComponentChildren;
  children: ComponentChildren;
  onOpen?(): void;
}) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const closeOutside = ({ target }: Event) => {
      if (details.current?.open && !details.current.contains(target as Node)) details.current.open = false;
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, []);
  return (
    <details
      ref={details}
      class={name}
      onToggle={() => details.current?.open && onOpen?.()}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !details.current?.open) return;
        details.current.open = false;
        details.current.querySelector("summary")?.focus();
      }}
    >
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
