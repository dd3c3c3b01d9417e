import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Loads a component from its own bundle. `failed` is true if the bundle can't be loaded. */
export function useComponent<Props>(load: () => Promise<{ default: ComponentType<Props> }>) {
  const [Body, setBody] = useState<ComponentType<Props>>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let isUnmounted = false;
    load().then(
      ({ default: component }) => !isUnmounted && setBody(() => component),
      (error: Error) => {
        console.error(error);
        if (!isUnmounted) setFailed(true);
      },
    );
    return () => {
      isUnmounted = true;
    };
  }, [load]);
  return { Body, failed };
}
