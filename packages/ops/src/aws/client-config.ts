import type { Target } from "../target";

/** Configuration that every SDK client of a command gets: offline and AWS differ here and nowhere else. */
export function clientConfig({ region, endpoint }: Target) {
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint, ...ANY_CALLER }),
    // FilterLogEvents has a quota of a few calls a second for the whole account: being throttled is ordinary.
    maxAttempts: 6,
  };
}

export type ClientConfig = ReturnType<typeof clientConfig>;

/** The SDK signs nothing without these; the offline services do not look at them. */
const ANY_CALLER = { region: "us-east-1", credentials: { accessKeyId: "offline", secretAccessKey: "offline" } };
