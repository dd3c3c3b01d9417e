import { AppError } from "../error";

/** How long one call of an AWS service may take, in milliseconds, and how often it is tried. */
export interface CallLimits {
  maxAttempts: number;
  /** Of one attempt, until its response begins; also without a byte while the response comes. */
  requestTimeout: number;
}

/**
 * A function that answers a request has 10 seconds (infra/components/secure-function.ts): three attempts and the
 * pauses between them fit.
 */
export const REQUEST_LIMITS: CallLimits = { maxAttempts: 3, requestTimeout: 2_000 };
/** A search for a request makes several calls, of which it begins the last after 4 seconds at most. */
export const SEARCH_LIMITS: CallLimits = { maxAttempts: 2, requestTimeout: 2_000 };
/** A function that nobody waits for has a minute or more. */
export const BACKGROUND_LIMITS: CallLimits = { maxAttempts: 3, requestTimeout: 5_000 };

/** Connecting to a service in the same region takes milliseconds. */
const MAX_CONNECT_MS = 1_000;

/**
 * Configuration that every client of the AWS SDK gets here. Without it a client waits for an answer for as long as the
 * function runs; without `throwOnRequestTimeout` it only warns when a request takes too long.
 */
export function awsClientConfig({ maxAttempts, requestTimeout }: CallLimits) {
  return {
    maxAttempts,
    requestHandler: {
      connectionTimeout: Math.min(requestTimeout, MAX_CONNECT_MS),
      requestTimeout,
      socketTimeout: requestTimeout,
      throwOnRequestTimeout: true,
    },
  };
}

/** The parts of an error of the SDK's that tell a refusal of the call from a service that cannot answer it now. */
interface ServiceError {
  name?: string;
  /** Absent on errors of the network. */
  $fault?: "client" | "server";
}

/**
 * Waits for a call. What may pass with the next attempt becomes an `AppError` of kind `unavailable`; what is wrong with
 * the call itself stays as it is.
 *
 * @param what subject of the message, such as "The audit trail"
 */
export async function orUnavailable<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    const { name = "", $fault } = (cause ?? {}) as ServiceError;
    if ($fault === "client" && !THROTTLED.has(name)) throw cause;
    throw new AppError("unavailable", "store.unavailable", `${what} cannot be reached. Try again.`, { cause });
  }
}

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
const THROTTLED = new Set(["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"]);
