import { expect, it } from "vitest";

import { explained } from "./explained";

/** An error as the SDK throws it. */
const sdkError = (name: string, message: string) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });

// Codes: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
it.each([
  ["CredentialsProviderError", "No AWS credentials: why. Log in (aws sso login), or set AWS_PROFILE"],
  ["ExpiredToken", "AWS rejected the credentials (ExpiredToken): log in again, or set AWS_PROFILE"],
  ["InvalidClientTokenId", "AWS rejected the credentials (InvalidClientTokenId): log in again, or set AWS_PROFILE"],
  ["AccessDeniedException", "AccessDeniedException: why"],
])("%s is one line that says what to do", (name, expected) => {
  expect(explained(sdkError(name, "why"))).toBe(expected);
});
