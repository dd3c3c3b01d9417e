import { callsOf } from "../iam/actions";
import { evaluate, type Policies } from "../iam/policy";
import { refusal } from "../iam/refusal";
import { type AwsCall, AwsError, type AwsLocation, type AwsResponse } from "../kit/aws-call";
import { isRecord } from "../kit/json";

/** A calling function, with the policies of its role. */
export interface Principal {
  functionName: string;
  roleName: string;
  policies: Policies;
}

/** Services by name in a signature's scope. A service throws an AwsError for a call that fails. */
export type AwsServices = Record<string, (call: AwsCall) => Promise<AwsResponse>>;

/**
 * Handles a signed call. Input of the caller never makes it reject.
 *
 * @param authorization the header `authorization`
 * @param target the header `x-amz-target`
 * @param body JSON text
 */
export type HandleAwsCall = (authorization: string, target: string, body: string) => Promise<AwsResponse>;

/**
 * Creates the handler of signed calls. A call with a function's key must be allowed by the policies
 * of the function's role. A call with any other key comes from a user of this machine, who may call
 * everything.
 *
 * @param principalOf finds the function of an access key
 */
export function createAwsApi(
  services: AwsServices,
  principalOf: (accessKeyId: string) => Principal | undefined,
  location: AwsLocation,
): HandleAwsCall {
  return async function handle(authorization, target, body) {
    try {
      const [, accessKeyId = "", service = ""] = CREDENTIAL.exec(authorization) ?? [];
      const call: AwsCall = { service, operation: target.split(".").at(-1) ?? "", body, input: inputOf(body) };
      const principal = principalOf(accessKeyId);
      if (principal !== undefined) authorize(call, principal);
      const serve = Object.hasOwn(services, service) ? services[service] : undefined;
      if (serve === undefined) throw new AwsError(UNKNOWN, `offline does not support ${service || "this service"}`);
      return await serve(call);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { type, message, status } = error;
      // Older services write "Message", and others "message". The SDKs read both.
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

  /** Returns the permissions that a call needs. Rejects a call whose permissions are unknown. */
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
    // rejected below, like JSON that is not an object
  }
  throw new AwsError("com.amazon.coral.service#SerializationException", "the body is not a JSON object");
}
