import { expect, it } from "vitest";

import { pathInStage } from "./stage";

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html: the stage is the first segment of the
// path, `$default` has none.
it.each([
  ["dev", "/dev/a/b", "/a/b"],
  ["dev", "/dev/", "/"],
  ["dev", "/dev", "/"],
  ["dev", "/develop/a", undefined],
  ["dev", "/Dev/a", undefined],
  ["dev", "/a/dev", undefined],
  ["dev", "/", undefined],
  ["$default", "/dev/a", "/dev/a"],
  ["$default", "/", "/"],
])("in stage %s the path %s is %s", (stage, path, expected) => {
  expect(pathInStage(stage, path)).toBe(expected);
});
