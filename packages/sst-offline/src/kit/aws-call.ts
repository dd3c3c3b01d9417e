/** Where calls are answered: region and account. */
export interface AwsLocation {
  region: string;
  accountId: string;
}

/** A call of AWS's JSON protocol. */
export interface AwsCall {
  /** As in the scope of the signature: `dynamodb`, `logs`, `sqs`. */
  service: string;
  operation: string;
  /** JSON text. */
  body: string;
  input: Record<string, unknown>;
}

export interface AwsAnswer {
  status: number;
  /** JSON text. */
  body: string;
  headers?: Record<string, string>;
}

/** An error that a service answers; the SDKs throw an exception of that name. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  /** `__type` in the answer, such as `com.amazon.coral.service#AccessDeniedException`. */
  readonly type: string;
  readonly status: number;
  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}
