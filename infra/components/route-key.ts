/**
 * Returns `GetEventsId` for `GET /events/{id}`: a logical name that can be read, where SST would
 * put a hash.
 */
export function routeName(routeKey: string): string {
  const [method = "", ...words] = routeKey.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return [method.toLowerCase(), ...words].map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/**
 * Returns the end of the ARN by which API Gateway invokes a function for a route, such as
 * `GET/events/{id}`:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
 */
export function sourcePath(routeKey: string): string {
  const [method = "", path = ""] = routeKey.split(" ");
  return `${method === "ANY" ? "*" : method}${path}`;
}
