import type { Row } from "./row";

export const DYNAMODB: Record<`aws:dynamodb/${string}`, Row> = {
  "aws:dynamodb/table:Table": (names) => ({
    id: names.input("name"),
    outputs: {
      arn: names.arn("dynamodb", `table/${names.input("name")}`),
      ...(names.inputs.streamEnabled === true && {
        streamArn: names.arn("dynamodb", `table/${names.input("name")}/stream/2000-01-01T00:00:00.000`),
      }),
    },
  }),
};
