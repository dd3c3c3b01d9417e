import { headerOf, sentBody } from "../kit/http-message";
import type { ApiAddresses } from "./address";
import type { Outcome } from "./outcome";
import { commonLogTime } from "./time";

interface Logged {
  api: { id: string; accountId: string; addresses: ApiAddresses };
  outcome: Outcome;
}

type Getter = (logged: Logged) => string | number | undefined;

export interface LineFormat {
  render(logged: Logged): string;
  /** True if every line is JSON. The log then stores an object instead of text. */
  isJson: boolean;
}

/** API Gateway's limit for an access log format. */
const FORMAT_LIMIT_BYTES = 3 * 1024;

/**
 * Compiles an access log format: text with `$context` variables. A missing value becomes `-`.
 *
 * @throws Error for a format that API Gateway rejects: more than 3 KB, more than one line, no
 *   `$context.requestId`, or a variable that HTTP APIs do not have
 */
export function compileFormat(format: string): LineFormat {
  if (Buffer.byteLength(format) > FORMAT_LIMIT_BYTES)
    throw new Error(`the access-log format has more than ${FORMAT_LIMIT_BYTES} bytes`);
  if (/[\r\n]/.test(format)) throw new Error("the access-log format has more than one line");
  if (!/\$context\.requestId(?![\w.])/.test(format))
    throw new Error("the access-log format does not contain $context.requestId");
  // Alternates between literals and variables, and begins and ends with a literal.
  const pieces = format.split(/\$context\.(authorizer\.[\w.:-]*\w|[\w.]*\w)/);
  const getters = pieces.map((piece, index) => (index % 2 === 1 ? getterOf(piece) : undefined));

  function renderLine(value: (getter: Getter, index: number) => string): string {
    let text = "";
    for (let index = 0; index < pieces.length; index++) {
      const getter = getters[index];
      text += getter === undefined ? pieces[index] : value(getter, index);
    }
    return text;
  }
  return {
    render: (logged) => renderLine((getter, index) => formatValue(getter(logged), pieces[index] === QUOTED)),
    isJson: SAMPLES.every((sample) => {
      return parsesAsJson(renderLine((_getter, index) => sampleOf(pieces[index] ?? "", sample)));
    }),
  };
}

/** The only variable whose value includes its quotes. */
const QUOTED = "error.messageString";

function formatValue(value: string | number | undefined, isQuoted: boolean): string {
  if (value === undefined || value === "") return "-";
  if (isQuoted) return JSON.stringify(value);
  return typeof value === "number" ? String(value) : escapeText(value);
}

// Escapes as in a JSON string, like recorded lines of REST APIs: no value of a caller may break a
// line. A lone half of a surrogate pair is escaped too, because the file is UTF-8.
function escapeText(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text).slice(1, -1);
}
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function getterOf(variable: string): Getter {
  const getter = Object.hasOwn(VARIABLES, variable) ? VARIABLES[variable] : undefined;
  if (getter !== undefined) return getter;
  const claim = /^authorizer\.claims\.([\w:-]+)$/.exec(variable)?.[1];
  if (claim !== undefined) return ({ outcome }) => outcome.authorized?.claims[claim];
  // Values from a Lambda authorizer, which offline does not serve.
  if (/^authorizer\.[\w-]+$/.test(variable)) return absent;
  throw new Error(`the access-log format contains $context.${variable}, which is not a variable of HTTP APIs`);
}

/** Two forms of a value. A format is JSON only if its lines are JSON with both. */
const SAMPLES = ["-", "text"];

function sampleOf(variable: string, sample: string): string {
  if (NUMBERS.has(variable)) return "1";
  return variable === QUOTED && sample !== "-" ? JSON.stringify(sample) : sample;
}

const NUMBERS = new Set(["requestTimeEpoch", "responseLatency", "responseLength", "status"]);

function lengthOf({ outcome: { request, response } }: Logged): number {
  return sentBody(request.method, response).length;
}

const absent: Getter = () => undefined;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const VARIABLES: Record<string, Getter> = {
  accountId: ({ api }) => api.accountId,
  apiId: ({ api }) => api.id,
  "authorizer.error": ({ outcome }) => outcome.authorizerError,
  awsEndpointRequestId: ({ outcome }) => outcome.integration?.requestId,
  awsEndpointRequestId2: absent,
  "customDomain.basePathMatched": ({ outcome }) => outcome.arrival?.mappingKey,
  dataProcessed: (logged) => logged.outcome.request.bodyLength + lengthOf(logged),
  domainName: ({ outcome }) => outcome.arrival?.domainName,
  domainPrefix: ({ outcome }) => outcome.arrival?.domainName.split(".", 1)[0],
  "error.message": ({ outcome }) => outcome.error?.message,
  [QUOTED]: ({ outcome }) => outcome.error?.message,
  "error.responseType": ({ outcome }) => outcome.error?.type,
  extendedRequestId: ({ outcome }) => outcome.requestId,
  httpMethod: ({ outcome }) => outcome.request.method,
  "identity.accountId": absent,
  "identity.caller": absent,
  "identity.cognitoAuthenticationProvider": absent,
  "identity.cognitoAuthenticationType": absent,
  "identity.cognitoIdentityId": absent,
  "identity.cognitoIdentityPoolId": absent,
  "identity.principalOrgId": absent,
  "identity.clientCert.clientCertPem": absent,
  "identity.clientCert.issuerDN": absent,
  "identity.clientCert.serialNumber": absent,
  "identity.clientCert.subjectDN": absent,
  "identity.clientCert.validity.notAfter": absent,
  "identity.clientCert.validity.notBefore": absent,
  "identity.sourceIp": ({ outcome }) => outcome.request.sourceIp,
  "identity.user": absent,
  "identity.userAgent": ({ outcome }) => headerOf(outcome.request, "user-agent"),
  "identity.userArn": absent,
  "integration.error": ({ outcome }) => outcome.integration?.error,
  "integration.integrationStatus": ({ outcome }) => outcome.integration?.serviceStatus,
  "integration.latency": ({ outcome }) => outcome.integration?.latency,
  "integration.requestId": ({ outcome }) => outcome.integration?.requestId,
  "integration.status": ({ outcome }) => outcome.integration?.functionStatus,
  integrationErrorMessage: ({ outcome }) => outcome.integration?.error,
  integrationLatency: ({ outcome }) => outcome.integration?.latency,
  integrationStatus: ({ outcome }) => outcome.integration?.serviceStatus,
  path: ({ outcome }) => outcome.arrival?.loggedPath,
  protocol: () => "HTTP/1.1",
  requestId: ({ outcome }) => outcome.requestId,
  requestTime: ({ outcome }) => commonLogTime(outcome.receivedAt),
  requestTimeEpoch: ({ outcome }) => outcome.receivedAt,
  responseLatency: ({ outcome }) => outcome.latency,
  responseLength: lengthOf,
  routeKey: ({ outcome }) => outcome.routeKey,
  stage: ({ api }) => api.addresses.stage,
  status: ({ outcome }) => outcome.response.status,
};

function parsesAsJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
