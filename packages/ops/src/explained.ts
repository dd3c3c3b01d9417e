interface SdkError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
  /** On responses that the SDK could not parse; not enumerable. */
  $response?: { statusCode?: number };
}

/**
 * Errors for rejected credentials:
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
export const REFUSED_CREDENTIALS =
  /^(ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch)$/;

/**
 * Returns an error as one line for a person. Errors of AWS keep their name, which often says most.
 */
export function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, code, $metadata, $response, cause } = error as SdkError;
  if (name === "CredentialsProviderError" || name === "TokenProviderError")
    return `No AWS credentials: ${message}. Log in (aws sso login), or set AWS_PROFILE`;
  if (REFUSED_CREDENTIALS.test(name)) return `AWS rejected the credentials (${name}): log in again, or set AWS_PROFILE`;
  if (code === "ECONNREFUSED" || (cause as SdkError | undefined)?.code === "ECONNREFUSED") {
    return `Nothing listens at ${addressOf(error) ?? "that address"} (connection refused)`;
  }
  if (name === "SyntaxError" && $response !== undefined) {
    return `The service returned ${$response.statusCode} with a response that is not valid in its protocol`;
  }
  if (name === "ResourceNotFoundException" && message.includes("log group"))
    return `${name}: ${message} Is the stage deployed, in this account and region?`;
  if (name === "ResourceNotFoundException" && message.startsWith("Function not found"))
    return `${message}. Is the stage deployed, in this account and region?`;
  if ($metadata?.httpStatusCode !== undefined) return `${name}: ${message}`;
  const reason = cause instanceof Error ? ` (${cause.message})` : "";
  return message === "" ? name : `${message}${reason}`;
}

function addressOf(error: Error): string | undefined {
  for (const part of [error, error.cause, ...((error as AggregateError).errors ?? [])]) {
    const { address, port } = (part ?? {}) as { address?: string; port?: number };
    if (port !== undefined) return `${address}:${port}`;
  }
  return undefined;
}
