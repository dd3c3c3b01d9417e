import { AppError } from "../error";

/** Time limit of a call to an AWS service, in milliseconds, and number of attempts. */
export interface CallLimits {
  maxAttempts: number;
  /** For one attempt: until the response begins, and between two of its chunks. */
  requestTimeout: number;
}

/**
 * For functions that serve requests. They have 10 seconds (infra/components/secure-function.ts):
 * three attempts with their pauses fit.
 */
export const REQUEST_LIMITS: CallLimits = { maxAttempts: 3, requestTimeout: 2_000 };
/** For searches: several calls, of which the last starts within 4 seconds. */
export const SEARCH_LIMITS: CallLimits = { maxAttempts: 2, requestTimeout: 2_000 };
/** For functions without a waiting caller, which have a minute or more. */
export const BACKGROUND_LIMITS: CallLimits = { maxAttempts: 3, requestTimeout: 5_000 };

/** Connecting to a service in the same region takes milliseconds. */
const MAX_CONNECT_MS = 1_000;

/**
 * Returns the configuration of every client of the AWS SDK. By default a client waits for a
 * response as long as the function runs; without `throwOnRequestTimeout` it only warns about a slow
 * request.
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

/** Parts of an SDK error that tell a rejected call from an unavailable service. */
interface ServiceError {
  name?: string;
  /** Absent on network errors. */
  $fault?: "client" | "server";
}

/**
 * Waits for a call. Throws an `AppError` of kind `unavailable` for an error that another attempt
 * may solve, and any other error unchanged.
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
