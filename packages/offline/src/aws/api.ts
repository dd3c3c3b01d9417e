import { callsOf } from "../iam/actions";
import { evaluate, type Policies } from "../iam/policy";
import { refusal } from "../iam/refusal";
import { type AwsAnswer, type AwsCall, AwsError } from "./call";

/** Who calls, with what they may do. */
export interface Principal {
  functionName: string;
  roleName: string;
  policies: Policies;
}

/** A service by its name in the scope of signatures. Throws an AwsError for what it does not serve. */
export type AwsServices = Record<string, (call: AwsCall) => Promise<AwsAnswer>>;

export interface AwsPlace {
  region: string;
  accountId: string;
}

/**
 * Answers signed calls. A call with the key of a function is evaluated against the policies of the function's role, before
 * anything else is looked at; one with any other key is the person's at this machine.
 *
 * @param principalOf by access key
 */
export function createAwsApi(
  services: AwsServices,
  principalOf: (accessKeyId: string) => Principal | undefined,
  place: AwsPlace,
) {
  return async function answer(authorization: string, target: string, body: string): Promise<AwsAnswer> {
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
      // The old services write it in upper case, the others in lower case, and the SDKs read both.
      return { status, body: JSON.stringify({ __type: type, message, Message: message }) };
    }
  };

  function authorize(call: AwsCall, { functionName, roleName, policies }: Principal): void {
    const context = {
      "aws:principalarn": `arn:aws:iam::${place.accountId}:role/${roleName}`,
      "aws:requestedregion": place.region,
      "aws:securetransport": "true", // as on AWS, whose endpoints functions reach by TLS
    };
    for (const { action, resource } of neededBy(call)) {
      const outcome = evaluate(policies, { action, resource, context });
      if (outcome.decision === "allowed") continue;
      const { reason } = outcome;
      const { accountId } = place;
      throw new AwsError(ACCESS_DENIED, refusal({ accountId, roleName, functionName, action, resource, reason }));
    }
  }

  /** What is not known to be allowed is refused. */
  function neededBy({ service, operation, input }: AwsCall) {
    try {
      return callsOf(service, operation, input, place);
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
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as AwsCall["input"];
  } catch {
    // what is not JSON is refused as what is JSON but no object
  }
  throw new AwsError("com.amazon.coral.service#SerializationException", "the body is not a JSON object");
}
