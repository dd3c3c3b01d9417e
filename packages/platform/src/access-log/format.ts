import { ACCESS_LOG_FIELDS } from "./fields";

/**
 * API Gateway's access-log format: one line of JSON. A missing value is logged as `-`, so all
 * values are quoted, except numbers that are always present. Metric filters can compare only
 * unquoted numbers.
 */
export const accessLogFormat = `{${Object.entries(ACCESS_LOG_FIELDS)
  .map(([name, { variable, kind }]) =>
    kind === "number" ? `"${name}":$context.${variable}` : `"${name}":"$context.${variable}"`,
  )
  .join(",")}}`;
