type Stop = () => void | Promise<void>;

/** Collects how to stop each thing that was started. */
export interface Scope {
  /** Adds something to stop when the scope closes. */
  defer(stop: Stop): void;
  /**
   * Stops everything, in reverse order. After a failure it still stops the others.
   * A second call waits for the first.
   *
   * @throws the first failure
   */
  close(): Promise<void>;
}

export function openScope(): Scope {
  const stops: Stop[] = [];
  let closing: Promise<void> | undefined;
  return {
    defer: (stop) => void stops.push(stop),
    close() {
      closing ??= closeAll();
      return closing;
    },
  };

  async function closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/**
 * Runs `start` with a scope. If it throws, stops everything that it has started.
 *
 * @returns what `start` returns; the scope stays open
 */
export async function startInScope<T>(start: (scope: Scope) => T | Promise<T>): Promise<T> {
  const scope = openScope();
  try {
    return await start(scope);
  } catch (error) {
    await scope.close().catch(() => {}); // the failure of the start is the one to report
    throw error;
  }
}
