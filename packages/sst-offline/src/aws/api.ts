import { callsOf } from "../iam/actions";
import { evaluate, type Policies } from "../iam/policy";
import { refusal } from "../iam/refusal";
import { type AwsAnswer, type AwsCall, AwsError, type AwsLocation } from "../kit/aws-call";
import { isRecord } from "../kit/json";

/** The function that calls, and what it may do. */
export interface Principal {
  functionName: string;
  roleName: string;
  policies: Policies;
}

/** A service by its name in the scope of signatures. Throws an AwsError for what it does not serve. */
export type AwsServices = Record<string, (call: AwsCall) => Promise<AwsAnswer>>;

/**
 * Answers a signed call. Never rejects for what a caller sends.
 *
 * @param authorization header of that name
 * @param target header `x-amz-target`
 * @param body JSON text
 */
export type AnswerAwsCall = (authorization: string, target: string, body: string) => Promise<AwsAnswer>;

/**
 * Answers signed calls. A call with the key of a function is checked against the policies of the
 * function's role first; one with any other key is of the person at this machine, who may do
 * everything.
 *
 * @param principalOf by access key
 */
export function createAwsApi(
  services: AwsServices,
  principalOf: (accessKeyId: string) => Principal | undefined,
  location: AwsLocation,
): AnswerAwsCall {
  return async function answer(authorization, target, body) {
    try {
      const [, accessKeyId = "", service = ""] = CREDENTIAL.exec(authorization) ?? [];
      const call: AwsCall = { service, operation: target.split(".").at(-1) ?? "", body, input: inputOf(body) };
      const principal = principalOf(accessKeyId);
      if (principal !== undefined) authorize(call, principal);
      const serve = Object.hasOwn(services, service) ? services[service] : undefined;
      if (serve === undefined) throw new AwsError(UNKNOWN, `offline does not serve ${service || "this service"}`);
      return await serve(call);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { type, message, status } = error;
      // Old services write "Message", others "message"; the SDKs read both.
      return { status, body: JSON.stringify({ __type: type, message, Message: message }) };
    }
  };

  function authorize(call: AwsCall, { functionName, roleName, policies }: Principal): void {
    const context = {
      "aws:principalarn": `arn:aws:iam::${location.accountId}:role/${roleName}`,
      "aws:requestedregion": location.region,
      "aws:securetransport": "true", // as on AWS, whose endpoints functions reach by TLS
    };
    for (const { action, resource } of neededBy(call)) {
      const outcome = evaluate(policies, { action, resource, context });
      if (outcome.decision === "allowed") continue;
      const { reason } = outcome;
      const { accountId } = location;
      throw new AwsError(ACCESS_DENIED, refusal({ accountId, roleName, functionName, action, resource, reason }));
    }
  }

  /** Refuses a call whose permissions are not known. */
  function neededBy({ service, operation, input }: AwsCall) {
    try {
      return callsOf(service, operation, input, location);
    } catch (error) {
      throw new AwsError(ACCESS_DENIED, (error as Error).message);
    }
  }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html */
const CREDENTIAL = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/\d{8}\/[\w-]+\/([\w-]+)\/aws4_request/;

const ACCESS_DENIED = "com.amazon.coral.service#AccessDeniedException";
const UNKNOWN = "com.amazon.coral.service#UnknownOperationException";

function inputOf(body: string): AwsCall["input"] {
  try {
    const input: unknown = JSON.parse(body === "" ? "{}" : body);
    if (isRecord(input)) return input;
  } catch {
    // refused below, like JSON that is no object
  }
  throw new AwsError("com.amazon.coral.service#SerializationException", "the body is not a JSON object");
}
