/** Fields of a line, with the names of the JSON examples in API Gateway's documentation. */
export type LoggedFields = Record<string, unknown>;

/**
 * The common log format of HTTP APIs, of REST APIs (which may start with an id), and of the CDK's
 * `AccessLogFormat.clf()`. Ignores everything after the request id.
 */
const CLF = new RegExp(
  [
    /^(?:\S+ )??(?<ip>\S+) +\S+ +(?<user>\S+) \[(?<requestTime>[^\]]*)\] ?/,
    /"(?<httpMethod>\S+) (?<routeKey>.*?) (?<protocol>\S+)" /,
    /(?<status>\S+) (?<responseLength>\S+) (?<requestId>\S+)(?: .*)?$/,
  ]
    .map(({ source }) => source)
    .join(""),
);

const HTTP_COLUMNS = "ip,requestTime,httpMethod,routeKey,protocol,status,responseLength,requestId".split(",");
const REST_COLUMNS =
  "ip,caller,user,requestTime,httpMethod,resourcePath,protocol,status,responseLength,requestId,extendedRequestId".split(
    ",",
  );
/**
 * Column names by number of columns. Older documentation of REST APIs has no `extendedRequestId`.
 */
const CSV_COLUMNS = new Map(
  [HTTP_COLUMNS, REST_COLUMNS.slice(0, -1), REST_COLUMNS].map((names) => [names.length, names]),
);

const XML = /^\s*<request id="(?<requestId>[^"]*)">(?<elements>.*)<\/request>\s*$/;
const XML_ELEMENT = /<(\w+)>([^<]*)<\/\1>/g;

/** Such as `status: 200, ip: 203.0.113.7`. */
const LABELLED = /^\w+: [^,]*(?:, \w+: [^,]*)+$/;

/**
 * Parses a line in one of the usual formats other than JSON, or returns undefined. API Gateway
 * escapes nothing in these formats.
 *
 * HTTP APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
 * REST APIs:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-access-logging.html REST APIs
 * of the Serverless Framework: https://github.com/serverless/serverless,
 * lib/plugins/aws/package/compile/events/api-gateway/lib/hack/update-stage.js
 */
export function textFields(line: string): LoggedFields | undefined {
  return CLF.exec(line)?.groups ?? xmlFields(line) ?? labelledFields(line) ?? csvFields(line);
}

function xmlFields(line: string): LoggedFields | undefined {
  const { requestId, elements } = XML.exec(line)?.groups ?? {};
  if (elements === undefined) return undefined;
  const fields = Array.from(elements.matchAll(XML_ELEMENT), ([, name = "", value = ""]) => [name, value] as const);
  return { requestId, ...Object.fromEntries(fields) };
}

function labelledFields(line: string): LoggedFields | undefined {
  if (!LABELLED.test(line)) return undefined;
  return Object.fromEntries(line.split(", ").map((part) => part.split(/: (.*)/, 2)));
}

function csvFields(line: string): LoggedFields | undefined {
  const values = line.split(",", REST_COLUMNS.length + 1);
  const names = CSV_COLUMNS.get(values.length);
  return names && Object.fromEntries(names.map((name, index) => [name, values[index]]));
}
