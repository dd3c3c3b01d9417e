interface SdkError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number };
  /** On answers that the SDK could not read; not enumerable. */
  $response?: { statusCode?: number };
}

/** Errors of services whose caller is unknown: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export const REFUSED_CREDENTIALS =
  /^(ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch)$/;

/** What went wrong, as one message for a person: AWS's errors with their name, since many have nothing else to tell them by. */
export function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, code, $metadata, $response, cause } = error as SdkError;
  if (name === "CredentialsProviderError" || name === "TokenProviderError")
    return `No AWS credentials: ${message}. Log in (aws sso login), or set AWS_PROFILE`;
  if (REFUSED_CREDENTIALS.test(name)) return `AWS refuses the credentials (${name}): log in again, or set AWS_PROFILE`;
  if (code === "ECONNREFUSED" || (cause as SdkError | undefined)?.code === "ECONNREFUSED") {
    return `Nothing answers at ${addressOf(error) ?? "that address"} (connection refused)`;
  }
  if (name === "SyntaxError" && $response !== undefined) {
    return `The service answered ${$response.statusCode} with something that is not of its protocol`;
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
