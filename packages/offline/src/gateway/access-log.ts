import type { HttpApi } from "./api";
import { type Exchange, type GatewayResponse, sentBody } from "./exchange";
import { commonLogTime } from "./time";

interface Logged {
  api: HttpApi;
  exchange: Exchange;
  response: GatewayResponse;
  /** Milliseconds. */
  latency: number;
}

type Getter = (logged: Logged) => string | number | undefined;

export interface LineFormat {
  render(logged: Logged): string;
  /** Whether a line is JSON: it is kept as such. */
  structured: boolean;
}

/** API Gateway's limit, in bytes. */
const LIMIT = 3 * 1024;

/**
 * Prepares an access-log format: text with `$context` variables in it, `-` for what is missing.
 *
 * Throws an Error for what API Gateway refuses: more than 3 KB, more than one line, no `$context.requestId`, or a variable that
 * HTTP APIs do not have.
 */
export function compileFormat(format: string): LineFormat {
  if (Buffer.byteLength(format) > LIMIT) throw new Error(`the access-log format has more than ${LIMIT} bytes`);
  if (/[\r\n]/.test(format)) throw new Error("the access-log format has more than one line");
  if (!/\$context\.requestId(?![\w.])/.test(format))
    throw new Error("the access-log format does not name $context.requestId");
  // Literal, variable, literal, variable ... literal.
  const pieces = format.split(/\$context\.(authorizer\.[\w.:-]*\w|[\w.]*\w)/);
  const getters = pieces.map((piece, index) => (index % 2 === 1 ? getterOf(piece) : undefined));

  function line(value: (getter: Getter, index: number) => string): string {
    let text = "";
    for (let index = 0; index < pieces.length; index++) {
      const getter = getters[index];
      text += getter === undefined ? pieces[index] : value(getter, index);
    }
    return text;
  }
  return {
    render: (logged) => line((getter, index) => written(getter(logged), pieces[index] === QUOTED)),
    structured: SAMPLES.every((sample) => isJson(line((_getter, index) => sampleOf(pieces[index] ?? "", sample)))),
  };
}

/** The one variable that comes with quotes of its own. */
const QUOTED = "error.messageString";

function written(value: string | number | undefined, quoted: boolean): string {
  if (value === undefined || value === "") return "-";
  if (quoted) return JSON.stringify(value);
  return typeof value === "number" ? String(value) : escaped(value);
}

// As inside a JSON string: recorded lines of REST APIs are escaped so, and no line may be broken by what a caller sends.
// A lone half of a surrogate pair is escaped too, since the file is UTF-8.
function escaped(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text).slice(1, -1);
}
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function getterOf(variable: string): Getter {
  const getter = Object.hasOwn(VARIABLES, variable) ? VARIABLES[variable] : undefined;
  if (getter !== undefined) return getter;
  const claim = /^authorizer\.claims\.([\w:-]+)$/.exec(variable)?.[1];
  if (claim !== undefined) return ({ exchange }) => exchange.authorized?.claims[claim];
  // What a Lambda authorizer returns: no such authorizer is served.
  if (/^authorizer\.[\w-]+$/.test(variable)) return absent;
  throw new Error(`the access-log format names $context.${variable}, a variable that HTTP APIs do not have`);
}

/** What a variable may look like in a line: a line is JSON only if it is with each. */
const SAMPLES = ["-", "text"];

function sampleOf(variable: string, sample: string): string {
  if (NUMBERS.has(variable)) return "1";
  return variable === QUOTED && sample !== "-" ? JSON.stringify(sample) : sample;
}

const NUMBERS = new Set(["requestTimeEpoch", "responseLatency", "responseLength", "status"]);

function lengthOf({ exchange, response }: Logged): number {
  return sentBody(exchange.request.method, response).length;
}

const absent: Getter = () => undefined;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const VARIABLES: Record<string, Getter> = {
  accountId: ({ api }) => api.accountId,
  apiId: ({ api }) => api.id,
  "authorizer.error": ({ exchange }) => exchange.authorizerError,
  awsEndpointRequestId: ({ exchange }) => exchange.integrationRequestId,
  awsEndpointRequestId2: absent,
  "customDomain.basePathMatched": absent,
  dataProcessed: (logged) => logged.exchange.request.body.length + lengthOf(logged),
  domainName: ({ api }) => api.domainName,
  domainPrefix: ({ api }) => api.id,
  "error.message": ({ exchange }) => exchange.errorMessage,
  [QUOTED]: ({ exchange }) => exchange.errorMessage,
  "error.responseType": ({ exchange }) => exchange.errorType,
  extendedRequestId: ({ exchange }) => exchange.requestId,
  httpMethod: ({ exchange }) => exchange.request.method,
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
  "identity.sourceIp": ({ exchange }) => exchange.request.sourceIp,
  "identity.user": absent,
  "identity.userAgent": ({ exchange }) => exchange.userAgent,
  "identity.userArn": absent,
  "integration.error": ({ exchange }) => exchange.integrationError,
  "integration.integrationStatus": ({ exchange }) => exchange.integrationServiceStatus,
  "integration.latency": ({ exchange }) => exchange.integrationLatency,
  "integration.requestId": ({ exchange }) => exchange.integrationRequestId,
  "integration.status": ({ exchange }) => exchange.integrationStatus,
  integrationErrorMessage: ({ exchange }) => exchange.integrationError,
  integrationLatency: ({ exchange }) => exchange.integrationLatency,
  integrationStatus: ({ exchange }) => exchange.integrationServiceStatus,
  path: ({ exchange }) => exchange.request.path,
  protocol: () => "HTTP/1.1",
  requestId: ({ exchange }) => exchange.requestId,
  requestTime: ({ exchange }) => commonLogTime(exchange.receivedAt),
  requestTimeEpoch: ({ exchange }) => exchange.receivedAt,
  responseLatency: ({ latency }) => latency,
  responseLength: lengthOf,
  routeKey: ({ exchange }) => exchange.routeKey,
  stage: ({ api }) => api.stage,
  status: ({ response }) => response.status,
};

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
