import { setTimeout as delay } from "node:timers/promises";

import { newTraceId } from "../kit/ids";
import type { InvocationResult } from "./environment";
import type { LambdaFunction } from "./function";

/**
 * Invokes a function as AWS services do when they do not wait for the result.
 *
 * @returns true if the event is settled: the function has succeeded, or the dead-letter queue has
 *   the event. False if offline stops before that.
 */
export type InvokeAsynchronously = (arn: string, event: string) => Promise<boolean>;

/**
 * Sends an event whose attempts have all failed, with the last failure, to the dead-letter queue.
 */
export type SendDeadLetter = (
  lambda: LambdaFunction,
  event: string,
  failure: { requestId: string; errorMessage: string },
) => Promise<void>;

/** Pauses before the second and the third attempt. AWS waits one minute, then two. */
const PAUSES_MS = [1_000, 2_000];

/**
 * Creates the asynchronous invocation: three attempts, then a dead letter. An attempt waits without
 * limit for an execution environment, like an event in Lambda's queue. Throttling is no attempt.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html For a function
 * that is stopped, whose reserved concurrency is 0, an event is a dead letter at once.
 *
 * @param stopped ends the pauses between attempts
 */
export function createAsynchronousInvocation(
  functions: ReadonlyMap<string, LambdaFunction>,
  sendDeadLetter: SendDeadLetter,
  stopped: AbortSignal,
  pausesMs: readonly number[] = PAUSES_MS,
): InvokeAsynchronously {
  return async (arn, event) => {
    const lambda = functions.get(arn);
    if (lambda === undefined) throw new Error(`The graph declares no function with the ARN ${arn}`);
    const traceId = newTraceId(Date.now());
    for (let attempt = 0; ; ) {
      const { requestId, result } = lambda.invoke(event, traceId);
      const outcome: InvocationResult = await result;
      if (outcome.ok) return true;
      if (stopped.aborted) return false;
      const isStopped = outcome.isThrottled && lambda.reservedConcurrency === 0;
      const pause = isStopped ? undefined : pausesMs[outcome.isThrottled ? 0 : attempt++];
      if (pause === undefined) {
        await sendDeadLetter(lambda, event, { requestId, errorMessage: outcome.errorMessage });
        return true;
      }
      await delay(pause, undefined, { signal: stopped, ref: false }).catch(() => {});
      if (stopped.aborted) return false;
    }
  };
}
