import lines from "../recorded/access-log-lines.json" with { type: "json" };

/**
 * Access log lines of other formats, by their source. None of them has a latency, and those of the
 * WebSocket API have no response length. They come from github.com/elastic/integrations, recorded
 * in 2023: test-apigateway.log, test-apigateway-rest.log and test-apigateway-websocket.log in
 * packages/aws/data_stream/apigateway_logs/_dev/test/pipeline.
 *
 * The format of the HTTP API is that of AWS's console, and the Serverless Framework's default. The
 * format of the REST API has the fields of the CDK's AccessLogFormat.jsonWithStandardFields().
 */
export const RECORDED_LINES: Record<string, string[]> = lines;
