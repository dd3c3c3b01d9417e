import type { FieldNames } from "@backend/platform/access-log/analysis/read-line";
import { ACCESS_LOG_FIELDS, type AccessLogFieldName } from "@backend/platform/access-log/fields";
import { UsageError } from "@backend/sst-graph/command-line";

/**
 * Parses a list such as `status=httpStatus,sourceIp=ip`. Throws a UsageError for an invalid part.
 */
export function parseFieldNames(text: string): FieldNames {
  const names: FieldNames = {};
  for (const part of text.split(",")) {
    const [, ours = "", theirs = ""] = /^(\w+)=(.+)$/.exec(part.trim()) ?? [];
    if (!Object.hasOwn(ACCESS_LOG_FIELDS, ours)) {
      const fields = Object.keys(ACCESS_LOG_FIELDS).join(", ");
      throw new UsageError(`--fields ${part}: expected FIELD=NAME with FIELD one of ${fields}`);
    }
    names[ours as AccessLogFieldName] = theirs;
  }
  return names;
}
