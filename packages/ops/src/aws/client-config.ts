import type { Target } from "../target";

/** Returns the configuration of every SDK client. Offline and AWS differ only here. */
export function clientConfig({ region, endpoint }: Target) {
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint, ...ANY_CALLER }),
    // FilterLogEvents allows a few calls per second for the whole account: throttling is usual.
    maxAttempts: 6,
  };
}

export type ClientConfig = ReturnType<typeof clientConfig>;

/** The SDK signs nothing without these; the offline services do not look at them. */
const ANY_CALLER = { region: "us-east-1", credentials: { accessKeyId: "offline", secretAccessKey: "offline" } };
