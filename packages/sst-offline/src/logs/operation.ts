import type { AwsCall } from "../kit/aws-call";

/** Answers a call with an object, or with undefined for an empty answer. Throws an AwsError. */
export type Operation = (input: AwsCall["input"]) => Promise<object | undefined>;
