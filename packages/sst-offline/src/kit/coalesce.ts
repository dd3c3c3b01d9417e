/** A task that runs one at a time. */
export interface CoalescedTask {
  /** Runs the task now, or once more after the run in progress. */
  request(): void;
  /** Ignores later requests, and waits for the run in progress. */
  close(): Promise<void>;
}

/**
 * Runs a task one at a time. Requests that come during a run lead to one more run.
 *
 * @param onError called with what the task throws; the next request runs it again
 */
export function coalesce(task: () => Promise<void>, onError: (error: Error) => void): CoalescedTask {
  let running: Promise<void> | undefined;
  let isWanted = false;
  let isClosed = false;

  return {
    request() {
      if (isClosed) return;
      isWanted = true;
      running ??= run();
    },
    async close() {
      isClosed = true;
      isWanted = false;
      await running;
    },
  };

  /** Never rejects. */
  async function run(): Promise<void> {
    while (isWanted) {
      isWanted = false;
      try {
        await task();
      } catch (error) {
        onError(error as Error);
      }
    }
    running = undefined;
  }
}
