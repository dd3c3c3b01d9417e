import { setTimeout as delay } from "node:timers/promises";

import { newTraceId } from "../kit/ids";
import type { InvocationResult } from "./environment";
import type { LambdaFunction } from "./function";

/**
 * Invokes a function as an AWS service does that does not wait for the result.
 *
 * @returns true if the event is done with: the function has succeeded, or the event is among the dead letters. False if
 *   everything stops before that.
 */
export type InvokeAsynchronously = (arn: string, event: string) => Promise<boolean>;

/** Keeps an event that has failed each time, with its last failure. */
export type SendDeadLetter = (
  lambda: LambdaFunction,
  event: string,
  failure: { requestId: string; errorMessage: string },
) => Promise<void>;

/** Milliseconds before the second and the third attempt. AWS waits one minute, then two. */
const PAUSES_MS = [1_000, 2_000];

/**
 * Makes three attempts, then sends a dead letter. An attempt waits without limit for an execution
 * environment, as an event waits in Lambda's queue:
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 *
 * @param stopped ends the pauses between attempts
 */
export function asynchronousInvocation(
  functions: ReadonlyMap<string, LambdaFunction>,
  sendDeadLetter: SendDeadLetter,
  stopped: AbortSignal,
  pausesMs: readonly number[] = PAUSES_MS,
): InvokeAsynchronously {
  return async (arn, event) => {
    const lambda = functions.get(arn);
    if (lambda === undefined) throw new Error(`There is no function ${arn}: the graph declares none with this ARN`);
    const traceId = newTraceId(Date.now());
    for (let attempt = 0; ; attempt++) {
      const { requestId, result } = lambda.invoke(event, traceId);
      const outcome: InvocationResult = await result;
      if (outcome.ok) return true;
      if (stopped.aborted) return false;
      const pause = pausesMs[attempt];
      if (pause === undefined) {
        await sendDeadLetter(lambda, event, { requestId, errorMessage: outcome.errorMessage });
        return true;
      }
      await delay(pause, undefined, { signal: stopped, ref: false }).catch(() => {});
      if (stopped.aborted) return false;
    }
  };
}
