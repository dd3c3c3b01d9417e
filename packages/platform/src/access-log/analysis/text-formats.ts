/** Fields of a line, by the names that the JSON examples of API Gateway's documentation give them. */
export type LoggedFields = Record<string, unknown>;

/**
 * The common log format: of HTTP APIs, of REST APIs (which may have an id in front), and the CDK's
 * `AccessLogFormat.clf()`. Whatever stands behind the request id is left out.
 */
const CLF =
  /^(?:\S+ )??(?<ip>\S+) +\S+ +(?<user>\S+) \[(?<requestTime>[^\]]*)\] ?"(?<httpMethod>\S+) (?<routeKey>.*?) (?<protocol>\S+)" (?<status>\S+) (?<responseLength>\S+) (?<requestId>\S+)(?: .*)?$/;

const HTTP_COLUMNS = "ip,requestTime,httpMethod,routeKey,protocol,status,responseLength,requestId".split(",");
const REST_COLUMNS =
  "ip,caller,user,requestTime,httpMethod,resourcePath,protocol,status,responseLength,requestId,extendedRequestId".split(
    ",",
  );
/** Columns by their number. REST APIs had no `extendedRequestId` in earlier versions of the documentation. */
const CSV_COLUMNS = new Map(
  [HTTP_COLUMNS, REST_COLUMNS.slice(0, -1), REST_COLUMNS].map((names) => [names.length, names]),
);

const XML = /^\s*<request id="(?<requestId>[^"]*)">(?<elements>.*)<\/request>\s*$/;
const XML_ELEMENT = /<(\w+)>([^<]*)<\/\1>/g;

/** `status: 200, ip: 203.0.113.7` */
const LABELLED = /^\w+: [^,]*(?:, \w+: [^,]*)+$/;

/**
 * Fields of a line in one of the usual formats that are not JSON; undefined for any other line. API Gateway escapes
 * nothing in them.
 *
 * HTTP APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
 * REST APIs: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-access-logging.html
 * The Serverless Framework's REST APIs: https://github.com/serverless/serverless, lib/plugins/aws/package/compile/events/
 * api-gateway/lib/hack/update-stage.js
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
