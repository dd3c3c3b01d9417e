import { ApiError } from "./problem";

/** The slowest function of the API may take 15 s. */
const TIMEOUT_MS = 20_000;

/**
 * Aborts work that takes too long, with an `ApiError`. Without it, a request stays open for minutes
 * when the network is gone.
 *
 * @param signal aborts the work too; that abort is rethrown unchanged
 */
export async function inTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
  milliseconds = TIMEOUT_MS,
): Promise<T> {
  const timeout = AbortSignal.timeout(milliseconds);
  try {
    return await work(signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted || signal?.aborted) throw error;
    throw new ApiError("gateway", `No response within ${milliseconds / 1000} seconds.`);
  }
}
