import { setTimeout as delay } from "node:timers/promises";

import { newTraceId } from "../kit/ids";
import type { InvocationResult } from "./environment";
import type { LambdaFunction } from "./function";

/**
 * Invokes a function as a service of AWS does that does not wait for the answer.
 *
 * @returns whether it has been dealt with: done, or among the dead letters. False where everything ends before that.
 */
export type InvokeAsynchronously = (arn: string, event: string) => Promise<boolean>;

/** What an event and its last failure are sent to. */
export type SendDeadLetter = (
  lambda: LambdaFunction,
  event: string,
  failure: { requestId: string; errorMessage: string },
) => Promise<void>;

/** Milliseconds before the second and the third attempt; AWS waits one minute, then two. */
const PAUSES = [1_000, 2_000];

/**
 * Three attempts, then a dead letter: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 *
 * @param stopped ends the pauses between attempts
 */
export function asynchronousInvocation(
  functions: ReadonlyMap<string, LambdaFunction>,
  sendDeadLetter: SendDeadLetter,
  stopped: AbortSignal,
): InvokeAsynchronously {
  return async (arn, event) => {
    const lambda = functions.get(arn);
    if (lambda === undefined) throw new Error(`there is no function ${arn}`);
    const traceId = newTraceId(Date.now());
    for (let attempt = 0; ; attempt++) {
      const { requestId, result } = lambda.invoke(event, traceId);
      const outcome: InvocationResult = await result;
      if (outcome.ok) return true;
      const pause = PAUSES[attempt];
      if (pause === undefined) {
        await sendDeadLetter(lambda, event, { requestId, errorMessage: outcome.errorMessage });
        return true;
      }
      await delay(pause, undefined, { signal: stopped, ref: false }).catch(() => {});
      if (stopped.aborted) return false;
    }
  };
}
