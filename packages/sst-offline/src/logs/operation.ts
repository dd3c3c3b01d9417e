import type { AwsCall } from "../kit/aws-call";

/** Runs a call. Returns the output, or `undefined` for an empty response. Throws an AwsError. */
export type Operation = (input: AwsCall["input"]) => Promise<object | undefined>;
