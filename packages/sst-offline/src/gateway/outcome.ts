import type { HttpResponse, IncomingRequest } from "../kit/http-message";
import type { Arrival } from "./address";
import type { Authorized } from "./authorizer";

/** A request inside the stage, before its route is selected. */
export interface RequestContext {
  readonly request: IncomingRequest;
  readonly requestId: string;
  readonly traceId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  readonly arrival: Arrival;
}

/** The invocation of the route's function. */
export interface Integration {
  readonly requestId?: string;
  /** Milliseconds. */
  readonly latency?: number;
  /** Status of the Lambda service's response. */
  readonly serviceStatus?: number;
  /** Status that the function returned. */
  readonly functionStatus?: number;
  readonly error?: string;
}

/** The response to a request, and the steps that produced it. */
export interface GatewayResult {
  readonly response: HttpResponse;
  readonly routeKey?: string;
  readonly authorized?: Authorized;
  readonly authorizerError?: string;
  /** API Gateway's error, if the response is not the function's. */
  readonly error?: { readonly message: string; readonly type: string };
  readonly integration?: Integration;
  /** CloudFront responded, and the request did not reach API Gateway. */
  readonly isFromEdge?: true;
  /** A failure of offline itself. Only the terminal shows it: AWS's log has no variable for it. */
  readonly defect?: string;
}

/** The result of a request with the values that the access log and the terminal show. */
export interface Outcome extends GatewayResult {
  /** The request as the API received it, after the distribution. */
  readonly request: IncomingRequest;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Milliseconds. */
  readonly latency: number;
  /** Absent if the request is outside the stage. API Gateway does not log it. */
  readonly arrival?: Arrival;
}
