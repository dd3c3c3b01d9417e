import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Loads a component from a file of its own. `failed` is true where the file cannot be had. */
export function useComponent<Props>(load: () => Promise<{ default: ComponentType<Props> }>) {
  const [Body, setBody] = useState<ComponentType<Props>>();
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let left = false;
    load().then(
      ({ default: found }) => !left && setBody(() => found),
      (error: Error) => {
        console.error(error);
        if (!left) setFailed(true);
      },
    );
    return () => {
      left = true;
    };
  }, [load]);
  return { Body, failed };
}
