/**
 * Access-log lines of other formats, none of which has a latency. By where they come from; the number of requests
 * follows from the lines themselves.
 */
export const RECORDED_LINES: Record<string, string[]> = {
  // github.com/elastic/integrations, packages/aws/data_stream/apigateway_logs/_dev/test/pipeline/test-apigateway.log:
  // recorded 2023. The first is the HTTP API format of AWS's console, also the Serverless Framework's default.
  "AWS's example for HTTP APIs": [
    '{"requestId":"GQIVriFLIAMEMsA=","ip":"1.128.0.0","requestTime":"09/Jun/2023:12:54:08 +0000","httpMethod":"GET","routeKey":"GET /","status":"200","protocol":"HTTP/1.1","responseLength":"47140"}',
  ],
  // The same file, and test-apigateway-rest.log: also the fields of the CDK's AccessLogFormat.jsonWithStandardFields().
  "AWS's example for REST APIs": [
    '{"requestId":"48752d0f-c99d-4cfa-a5a7-f3c6834d19e5","ip":"1.128.0.0","caller":"-","user":"-","requestTime":"10/Jun/2023:15:36:28 +0000","httpMethod":"GET","resourcePath":"/pets","status":"200","protocol":"HTTP/1.1","responseLength":"184"}',
    '{"requestId": "caa4a500-2651-4476-aa1f-a639b858819b","ip": "1.128.0.0","caller": "-","user": "-","requestTime": "19/Jul/2023:16:15:46 +0000","httpMethod": "GET","resourcePath": "/pets/{petId}","status": "200","protocol": "HTTP/1.1","responseLength": "49"}',
  ],
  // test-apigateway-websocket.log: no response length either.
  "a WebSocket API": [
    '{"requestId": "177a5660-9b20-4614-b620-51dd4d56fb4c","ip": "1.128.0.0","caller": "-","user": "-","requestTime": "19/Jul/2023:16:17:17 +0000","eventType": "-","routeKey": "-","status": "403","connectionId": "-"}',
  ],
};
