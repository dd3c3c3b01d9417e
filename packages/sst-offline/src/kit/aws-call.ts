/** Region and account of the simulated services. */
export interface AwsLocation {
  region: string;
  accountId: string;
}

/**
 * A request in AWS's JSON protocol. The names in the path of a REST request are part of its input.
 */
export interface AwsCall {
  /** Name in the signature's credential scope: `dynamodb`, `logs` or `sqs`. */
  service: string;
  operation: string;
  /** JSON text. */
  body: string;
  input: Record<string, unknown>;
}

export interface AwsResponse {
  status: number;
  /** JSON text. */
  body: string;
  headers?: Record<string, string>;
}

/** An error response of a service. The SDKs throw an exception with the name of its type. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** `__type` of the response, such as `com.amazon.coral.service#AccessDeniedException`. */
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}
