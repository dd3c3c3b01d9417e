import { ACCESS_LOG_FIELDS } from "./fields";

/**
 * API Gateway's access-log format: one line of JSON. A value that is missing prints `-`, which is not JSON, so everything is
 * quoted but the numbers that are always there; those stay numbers, so that metric filters can compare them.
 */
export const accessLogFormat = `{${Object.entries(ACCESS_LOG_FIELDS)
  .map(([name, { variable, kind }]) =>
    kind === "number" ? `"${name}":$context.${variable}` : `"${name}":"$context.${variable}"`,
  )
  .join(",")}}`;
